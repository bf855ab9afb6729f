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
// In Base64: build.js says so to the bundler.
declare module '*.wasm' {
  const base64: string;
  export default base64;
}
