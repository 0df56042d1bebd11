//! Numbers of many measurements.

/// Measurements of one thing, in the order of their size.
#[derive(Debug, Clone)]
pub(crate) struct Samples {
    sorted: Vec<f64>,
}

impl Samples {
    pub(crate) fn new(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Self { sorted: samples }
    }

    /// The value that this part of all does not exceed; `None` where there are too few to tell.
    pub(crate) fn quantile(&self, part: f64) -> Option<f64> {
        let rank = (part * self.sorted.len() as f64).ceil() as usize;
        let beyond = self.sorted.len().saturating_sub(rank);
        let is_told = !self.sorted.is_empty() && (part <= 0.5 || beyond > 0);
        is_told.then(|| self.sorted[rank.max(1) - 1])
    }

    pub(crate) fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }
}

/// The median of some numbers; `None` of none.
pub(crate) fn median(of: impl IntoIterator<Item = f64>) -> Option<f64> {
    Samples::new(of.into_iter().collect()).median()
}

#[cfg(test)]
mod tests {
    use super::{Samples, median};

    #[test]
    fn a_quantile_needs_something_beyond_it() {
        let samples = Samples::new((1..=100).rev().map(f64::from).collect());
        assert_eq!(samples.median(), Some(50.0));
        assert_eq!(samples.quantile(0.99), Some(99.0));
        assert_eq!(samples.quantile(0.999), None);
        assert_eq!(Samples::new(Vec::new()).median(), None);
        assert_eq!(median([7.0]), Some(7.0));
        assert_eq!(median([9.0, 1.0, 4.0]), Some(4.0));
    }
}
