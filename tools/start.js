// npm start: sets up, builds, scores a sample in the terminal, serves the demo.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { makePackage } from './package.js';
import { inRoot } from './paths.js';
import { serve } from './static-server.js';
import { StepFailed, command } from './steps.js';

const sample = 'have a nice day\nyou are a stupid idiot\n';
const port = Number(process.env.PORT ?? 8080);

async function scoreSample() {
  const child = spawn(process.execPath, [inRoot('web/bin/byteflow.js'), 'score'], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.end(sample);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new StepFailed('Scoring the sample failed: the line above says why.');
}

await command(async () => {
  await makePackage({});
  process.stderr.write('\n');
  await scoreSample();
  const { address } = await serve(inRoot('demo/dist'), port);
  process.stdout.write(`\nThe demo is at ${address} (Ctrl+C stops it)\n`);
});
