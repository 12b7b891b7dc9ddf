// What ferret's compile time is measured against: Eigen's JacobiSVD takes a matrix apart and puts it
// together again.
#include <Eigen/Dense>
#include <iostream>

int main() {
    const Eigen::MatrixXd matrix = Eigen::MatrixXd::Random(30, 20);
    const Eigen::VectorXd right_side = Eigen::VectorXd::Random(30);
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd(matrix, Eigen::ComputeThinU | Eigen::ComputeThinV);
    const Eigen::MatrixXd rebuilt =
        svd.matrixU() * svd.singularValues().asDiagonal() * svd.matrixV().transpose();
    std::cout << "least squares: " << svd.solve(right_side).transpose() << "\nerror "
              << (rebuilt - matrix).norm() << "\n";
}
