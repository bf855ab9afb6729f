// Types that only the DOM library declares, so that programs for Node alone compile without it: where one is missing there is nothing to pass.

export type DomWorker = typeof globalThis extends { Worker: { prototype: infer T } } ? T : never;
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer T } } } ? T : never;
