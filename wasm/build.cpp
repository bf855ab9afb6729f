// Which build a WebAssembly file is, in a custom section of it: WebAssembly.Module.customSections reads it before anything is instantiated.

asm(R"(
  .section .custom_section.byteflow,"",@
  .ascii ")" BYTEFLOW_BUILD R"("
)");
