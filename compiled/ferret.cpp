// What ferret::compiled has in its library: the bodies of everything that its users only see declared.

#include <ferret/backend/cpu/instruction_set.inl>
#include <ferret/backend/cpu/operations.inl>
#include <ferret/block/budget.inl>
#include <ferret/block/layout.inl>
#include <ferret/block/segment_run.inl>
#include <ferret/error_text.inl>
#include <ferret/partial_sketch.inl>
#include <ferret/projector.inl>
#include <ferret/protocol/broadcast.inl>
#include <ferret/protocol/model_fingerprint.inl>
#include <ferret/protocol/plan_check.inl>
#include <ferret/protocol/round_noise.inl>
#include <ferret/protocol/sketch_noise.inl>
#include <ferret/protocol/unlikeness.inl>
#include <ferret/protocol/update_message.inl>
#include <ferret/reconstructor.inl>
#include <ferret/secure/grid.inl>
#include <ferret/secure/round_terms.inl>
#include <ferret/sketch.inl>
#include <ferret/wire.inl>
#include <ferret/wire/few_bits.inl>
#include <ferret/wire/most_coordinates.inl>
#include <ferret/wire/partial_sketch.inl>
#include <ferret/wire/rotation.inl>

namespace ferret {

template class Projector<Cpu>;
template class Reconstructor<Cpu>;

}  // namespace ferret
