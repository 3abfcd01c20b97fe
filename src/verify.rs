//! Proof, in every build, that the YAML about to be written allows exactly what the program means.
