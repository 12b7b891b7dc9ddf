#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <ferret/wire.hpp>
#include <ferret/wire/coordinate_format.hpp>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "module.hpp"
#include "names.hpp"

namespace nb = nanobind;

namespace ferret_python {

ferret::CoordinateFormat FormatArgument::get() const {
    if (nb::isinstance<ferret::CoordinateFormat>(object))
        return nb::cast<ferret::CoordinateFormat>(object);
    if (nb::isinstance<nb::str>(object))
        return value_of("coordinate format", nb::cast<std::string>(object),
                        ferret::coordinate_format_names);
    refuse_type("coordinate format", "a CoordinateFormat or a name", object);
}

void bind_coordinate_format(nb::module_& module) {
    using ferret::CoordinateFormat;
    nb::enum_<CoordinateFormat>(module, "CoordinateFormat",
                                "How coordinates travel. Wherever one is asked for its name will "
                                "do: '1bit', '2bit', '3bit', "
                                "'4bit', '8bit', 'int16' or 'float32'.")
        .value("ONE_BIT", CoordinateFormat::one_bit, "'1bit': noise of 0.571 times the energy.")
        .value("TWO_BITS", CoordinateFormat::two_bits, "'2bit': 0.133.")
        .value("THREE_BITS", CoordinateFormat::three_bits, "'3bit': 0.0358.")
        .value("FOUR_BITS", CoordinateFormat::four_bits, "'4bit': 0.00959.")
        .value("EIGHT_BITS", CoordinateFormat::eight_bits, "'8bit': 0.0000885.")
        .value("INT16", CoordinateFormat::int16, "'int16': 2 bytes each and a scale a block.")
        .value("FLOAT32", CoordinateFormat::float32, "'float32': 4 bytes each, exact.");
}

}  // namespace ferret_python
