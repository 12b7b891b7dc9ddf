#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace figures {

/// F(x) = sum x_i^2, of Figure 7.
struct SquareSum {
    static double value(double x) { return x * x; }
    static double slope(double x) { return 2.0 * x; }
};

/// F(x) = sum sin^2 x_i, of Figure 8.
struct SineSquaredSum {
    static double value(double x) {
        const double sine = std::sin(x);
        return sine * sine;
    }
    static double slope(double x) { return std::sin(2.0 * x); }
};

/// Math:   F(x + shift * direction), the shifted point never stored
template <class Function>
double value_at(std::span<const double> point, std::span<const double> direction, double shift) {
    double total = 0.0;
    for (std::size_t i = 0; i < point.size(); ++i) {
        total += Function::value(point[i] + shift * direction[i]);
    }
    return total;
}

template <class Function>
std::vector<double> gradient(std::span<const double> point) {
    std::vector<double> slopes;
    slopes.reserve(point.size());
    for (const double x : point) slopes.push_back(Function::slope(x));
    return slopes;
}

/// What `steps` gradient steps change: the start minus the end, as Ferret's clients count it.
template <class Function>
std::vector<double> descent(std::span<const double> start, int steps, double rate) {
    std::vector<double> update;
    update.reserve(start.size());
    for (const double x0 : start) {
        double x = x0;
        for (int step = 0; step < steps; ++step) x -= rate * Function::slope(x);
        update.push_back(x0 - x);
    }
    return update;
}

/// <a, b> / (||a|| ||b||)
inline double cosine(std::span<const double> a, std::span<const double> b) {
    double product = 0.0;
    double a_squared = 0.0;
    double b_squared = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        product += a[i] * b[i];
        a_squared += a[i] * a[i];
        b_squared += b[i] * b[i];
    }
    return product / std::sqrt(a_squared * b_squared);
}

}  // namespace figures
