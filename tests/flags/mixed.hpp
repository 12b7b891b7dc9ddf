#pragma once

/// What a source of the program sees of ferret.
struct Outcome {
    bool has_everybodys_bits;
    int threads;  ///< of a backend that is asked for two
};

Outcome plain_outcome();  ///< of a source without OpenMP and optimisation
Outcome tuned_outcome();  ///< of one for this very processor, with OpenMP where the compiler has it
