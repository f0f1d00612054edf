//! The clip bank.
use super::*;
