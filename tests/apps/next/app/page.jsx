import { loadClassifier } from 'byteflow';
import { Meter } from './meter';

export const dynamic = 'force-dynamic';

// Scored on the server for the first view, then in the browser while the user types.
export default async function Page() {
  const text = 'you are a stupid idiot';
  using toxicity = await loadClassifier('toxicity');
  const { labels } = await toxicity.score(text);
  return (
    <main>
      <p id="server">{labels.toxicity.toFixed(2)}</p>
      <Meter text={text} />
    </main>
  );
}
