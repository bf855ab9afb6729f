export const startModelWorker = (): Worker => new Worker(new URL('./model-worker.ts', import.meta.url), { type: 'module' });
