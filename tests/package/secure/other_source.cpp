#include "other_source.hpp"

ferret::secure::Identity other_identity() {
    return ferret::secure::Identity::random();
}
