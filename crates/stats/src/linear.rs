//! Linear equations with a symmetric, positive definite matrix.

/// Symmetric, row after row.
#[derive(Clone, Debug)]
pub struct Matrix {
    pub size: usize,
    pub cells: Vec<f64>,
}

impl Matrix {
    pub fn zero(size: usize) -> Self {
        Self { size, cells: vec![0.0; size * size] }
    }

    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.size + column]
    }

    pub fn add(&mut self, row: usize, column: usize, by: f64) {
        self.cells[row * self.size + column] += by;
    }

    /// L of LLᵀ (Cholesky). A pivot that rounding took below zero is lifted.
    pub fn factor(mut self) -> Factor {
        let n = self.size;
        for column in 0..n {
            let (above, below) = self.cells.split_at_mut((column + 1) * n);
            let own = &mut above[column * n..];
            let dot: f64 = own[..column].iter().map(|x| x * x).sum();
            let pivot = (own[column] - dot).max(1e-12).sqrt();
            own[column] = pivot;
            let own = &own[..column];
            for row in below.chunks_exact_mut(n) {
                let dot: f64 = row[..column].iter().zip(own).map(|(x, y)| x * y).sum();
                row[column] = (row[column] - dot) / pivot;
            }
        }
        Factor(self)
    }
}

/// The lower triangle that multiplies with itself to a matrix.
pub struct Factor(Matrix);

impl Factor {
    pub fn solve(&self, right: &mut [f64]) {
        let (n, cells) = (self.0.size, &self.0.cells);
        for row in 0..n {
            let dot: f64 =
                cells[row * n..row * n + row].iter().zip(&*right).map(|(a, b)| a * b).sum();
            right[row] = (right[row] - dot) / cells[row * n + row];
        }
        for row in (0..n).rev() {
            right[row] /= cells[row * n + row];
            let known = right[row];
            for (x, l) in right.iter_mut().zip(&cells[row * n..row * n + row]) {
                *x -= l * known;
            }
        }
    }

    pub fn inverse(&self) -> Matrix {
        let n = self.0.size;
        let mut inverse = Matrix::zero(n);
        for (row, cells) in inverse.cells.chunks_mut(n.max(1)).enumerate() {
            cells[row] = 1.0;
            self.solve(cells);
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_undoes() {
        let matrix = Matrix { size: 3, cells: vec![4., 2., 1., 2., 5., 3., 1., 3., 6.] };
        let inverse = matrix.clone().factor().inverse();
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|k| matrix.at(i, k) * inverse.at(k, j)).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-12);
            }
        }
    }
}
