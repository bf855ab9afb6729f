"""Training, evaluation and export of byteflow's models (DESIGN.md section 7)."""
