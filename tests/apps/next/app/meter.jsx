'use client';

import { loadClassifier } from 'byteflow';
import { useEffect, useState } from 'react';

export function Meter({ text }) {
  const [toxicity, setToxicity] = useState();
  const [score, setScore] = useState('');

  useEffect(() => {
    const controller = new AbortController();
    loadClassifier('toxicity', { signal: controller.signal }).then(setToxicity, (error) => controller.signal.aborted || console.error(error));
    return () => controller.abort();
  }, []);

  const show = async (text) => setScore((await toxicity.score(text)).labels.toxicity.toFixed(2));
  useEffect(() => void (toxicity && show(text)), [toxicity]);

  return (
    <>
      <textarea id="text" defaultValue={text} onChange={(event) => show(event.target.value)} /> <output id="score">{score}</output>
    </>
  );
}
