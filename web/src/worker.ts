// What runs in the worker. Each port that comes is answered, and other messages are left to whoever shares the worker.
import { serve } from './rpc.js';
import { workerVerbs } from './worker-verbs.js';

addEventListener('message', ({ data }: MessageEvent) => {
  const port: unknown = data?.byteflow;
  if (port instanceof MessagePort) serve(port, workerVerbs());
});
