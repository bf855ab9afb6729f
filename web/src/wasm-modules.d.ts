declare module '*/wasm/byteflow-relaxed.mjs' {
  const factory: import('./runtime.js').RuntimeFactory;
  export default factory;
}
declare module '*/wasm/byteflow-simd128.mjs' {
  const factory: import('./runtime.js').RuntimeFactory;
  export default factory;
}
declare module '*/wasm/byteflow-scalar.mjs' {
  const factory: import('./runtime.js').RuntimeFactory;
  export default factory;
}
