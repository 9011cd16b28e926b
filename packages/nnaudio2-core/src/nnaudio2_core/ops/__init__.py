"""Apply: tensors in, tensors out; scriptable; nothing is built here."""
