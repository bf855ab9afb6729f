// byteflow and what people use today, in one process. A contestant that fails says why, and the others go on.
import { bestTime } from './best-time.js';

const files = ['byteflow', 'onnxruntime', 'tfjs', 'fasttext', 'word-lists'];

export async function run({ text, texts, quick }, { url, read }) {
  const comments = JSON.parse(new TextDecoder().decode(await read(texts)));
  const rows = [];
  for (const file of files) {
    for (const { name, round, prepare } of await contestantsOf(file)) {
      try {
        const { work, calls = 1 } = await prepare({ text, comments, url });
        rows.push({ round, name, milliseconds: (await bestTime(work, { quick })) / calls });
      } catch (error) {
        rows.push({ round, name, fault: reason(error) });
      }
    }
  }
  return { rows };
}

// A peer that is not installed fails at its import, before it can say what it would run.
async function contestantsOf(file) {
  try {
    return (await import(`../peers/${file}.js`)).contestants;
  } catch (error) {
    return [{ name: file, prepare: () => Promise.reject(error) }];
  }
}

const reason = (error) => String(error?.message ?? error).split('\n')[0];
