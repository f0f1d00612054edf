//! A drawn curve: straight lines from point to point over one period.

use std::{fmt, str::FromStr, sync::Arc};

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Place in the period, 0..=1.
    pub x: f64,
    /// Place in the clip, 0..=1.
    pub y: f64,
}

/// Points joined by straight lines. Before the first and after the last point the curve is level.
///
/// As text: `0:0 0.25:1 1:0`, x before the colon, y after it. Clones share their points.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    points: Arc<[Point]>,
}

/// Why there is no such curve.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CurveError {
    /// One point is no line.
    #[error("a curve needs at least two points, such as '0:0 1:1'; this one has {0}")]
    TooFew(usize),
    /// No pair of numbers.
    #[error("'{0}' is no point of a curve: write x:y, such as 0.25:1")]
    Point(String),
    /// Outside 0..=1, or not finite.
    #[error("the curve's point {0} lies outside: x and y take 0..=1")]
    Outside(Point),
    /// Not to the right of the point before it.
    #[error("the curve's point {0} is not to the right of the one before it: x must rise")]
    NotRising(Point),
}

impl Curve {
    /// A curve through these points.
    ///
    /// # Errors
    /// Fewer than two points, one outside 0..=1 or not finite, or x not rising.
    pub fn new(points: &[Point]) -> Result<Self, CurveError> {
        if points.len() < 2 {
            return Err(CurveError::TooFew(points.len()));
        }
        let is_inside = |value: f64| (0.0..=1.0).contains(&value);
        if let Some(point) = points.iter().find(|point| !is_inside(point.x) || !is_inside(point.y))
        {
            return Err(CurveError::Outside(*point));
        }
        if let Some(pair) = points.windows(2).find(|pair| pair[1].x <= pair[0].x) {
            return Err(CurveError::NotRising(pair[1]));
        }
        Ok(Self { points: points.into() })
    }

    /// The points, from left to right.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Height at place `x` of the period, 0..=1.
    pub fn at(&self, x: f64) -> f64 {
        let right = self.points.partition_point(|point| point.x <= x);
        match (right.checked_sub(1).and_then(|left| self.points.get(left)), self.points.get(right))
        {
            (Some(left), Some(right)) => {
                left.y + (right.y - left.y) * (x - left.x) / (right.x - left.x)
            }
            (Some(end), None) | (None, Some(end)) => end.y,
            // There are always two points.
            (None, None) => 0.0,
        }
    }
}

impl FromStr for Curve {
    type Err = CurveError;

    fn from_str(text: &str) -> Result<Self, CurveError> {
        let points: Vec<Point> =
            text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        Self::new(&points)
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, point) in self.points.iter().enumerate() {
            if number > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{point}")?;
        }
        Ok(())
    }
}

impl FromStr for Point {
    type Err = CurveError;

    fn from_str(text: &str) -> Result<Self, CurveError> {
        let no_point = || CurveError::Point(text.to_owned());
        let (x, y) = text.split_once(':').ok_or_else(no_point)?;
        let number = |part: &str| part.parse().map_err(|_| no_point());
        Ok(Self { x: number(x)?, y: number(y)? })
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.x, self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Curve>().expect_err(text).to_string()
    }

    #[test]
    fn lines_join_the_points() {
        let curve: Curve = "0:0 0.25:1 1:0".parse().expect("a curve");
        for (x, y) in [(0.0, 0.0), (0.125, 0.5), (0.25, 1.0), (0.625, 0.5), (1.0, 0.0)] {
            assert_eq!(curve.at(x), y, "at {x}");
        }
        // Level outside its points.
        let curve: Curve = "0.25:0.5 0.75:1".parse().expect("a curve");
        assert_eq!([curve.at(0.0), curve.at(0.5), curve.at(1.0)], [0.5, 0.75, 1.0]);
    }

    #[test]
    fn it_is_written_as_it_is_read() {
        for text in ["0:0 0.25:1 1:0", "0.1:0.3 0.7:1"] {
            assert_eq!(text.parse::<Curve>().expect("a curve").to_string(), text);
        }
    }

    #[test]
    fn what_is_no_curve_is_refused_and_said() {
        assert!(error("").contains("this one has 0"));
        assert!(error("0:0").contains("this one has 1"));
        assert!(error("0:0 0.5 1:1").starts_with("'0.5' is no point"));
        assert!(error("0:0 a:1").starts_with("'a:1' is no point"));
        assert!(error("0:0 1:1:1").starts_with("'1:1:1' is no point"));
        assert!(error("0:0 1:1.5").starts_with("the curve's point 1:1.5 lies outside"));
        assert!(error("-0.1:0 1:1").contains("lies outside"));
        assert!(error("0:NaN 1:1").contains("lies outside"));
        assert!(error("0:0 inf:1").contains("lies outside"));
        assert!(error("0:0 0.5:1 0.5:0").contains("0.5:0 is not to the right"));
        assert!(error("0.5:0 0.25:1").contains("x must rise"));
    }
}
