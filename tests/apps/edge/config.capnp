using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "toxicity", worker = .toxicity)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "toxicity")],
);

const toxicity :Workerd.Worker = (
  compatibilityDate = "2026-11-01",
  modules = [
    (name = "worker.js", esModule = embed "site/worker.js"),
    (name = "byteflow-simd128.wasm", wasm = embed "site/byteflow-simd128.wasm"),
    (name = "toxicity-small.byteflow", data = embed "site/toxicity-small.byteflow"),
  ],
);
