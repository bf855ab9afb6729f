#include "model_binding.h"

using namespace byteflow::binding;

EMSCRIPTEN_BINDINGS(byteflow_model) {
  emscripten::register_type<Uint8Array>("Uint8Array");
  emscripten::register_type<Float32Array>("Float32Array");
  emscripten::register_type<Float64Array>("Float64Array");
  emscripten::class_<ModelBinding>("Model")
      .function("modelBuffer", &ModelBinding::model_buffer)
      .function("errorMessage", &ModelBinding::error_message)
      .function("name", &ModelBinding::name)
      .function("backend", &ModelBinding::backend)
      .function("maxBytes", &ModelBinding::max_bytes)
      .function("textBuffer", &ModelBinding::text_buffer);
}
