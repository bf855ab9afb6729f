import { ByteflowError, reason } from './errors.js';
import { whenReleased } from './life-line.js';
import { Remote } from './rpc.js';
import type { WorkerVerbs } from './worker-verbs.js';

/** Why there is no worker; what would have run in it can run here. */
export class WorkerUnavailable extends ByteflowError {
  constructor(fault: string, options?: ErrorOptions) {
    super('unsupported', `a worker could not be started: ${fault}`, options);
  }
}

/** A worker that answers calls until it is stopped or dies. */
export interface WorkerConnection {
  remote: Remote<WorkerVerbs>;
  /** Ends the worker; calls under way and later ones reject with the reason. */
  stop(reason: unknown): void;
}

/** Rejects with `WorkerUnavailable`, or with the reason of the signal. */
export async function connect(startWorker: () => Worker, signal: AbortSignal | undefined): Promise<WorkerConnection> {
  const worker = start(startWorker);
  // A port of its own, so that the worker's other messages are left alone.
  const { port1, port2 } = new MessageChannel();
  const remote = new Remote<WorkerVerbs>(port1);
  const stop = (reason: unknown) => {
    worker.terminate();
    remote.close(reason);
  };
  const lost = (fault: string) => stop(new ByteflowError('worker-lost', `the worker ${fault}; the next call starts another`));

  let isRunning = false;
  worker.addEventListener('error', ({ message }) => {
    if (isRunning) lost(`failed: ${message}`);
    else stop(new WorkerUnavailable(message || 'its script is missing, or the content security policy (worker-src) forbids it'));
  });
  worker.postMessage({ byteflow: port2 }, [port2]);
  try {
    const lock = `byteflow ${Math.random()} ${Math.random()}`;
    if (await remote.call('begin', lock, { signal })) whenReleased(lock, () => lost('died'));
    isRunning = true;
    return { remote, stop };
  } catch (error) {
    stop(error);
    throw error;
  }
}

function start(startWorker: () => Worker): Worker {
  try {
    return startWorker();
  } catch (cause) {
    throw new WorkerUnavailable(reason(cause), { cause });
  }
}
