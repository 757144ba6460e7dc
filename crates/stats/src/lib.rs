//! Numbers: what many opinions say together, how sure that is, and who can be relied on.
//!
//! Knows no ids, reads no files, tells no time, usable alone. Items, contributors and classes are plain indices that begin
//! at zero; whoever has names keeps a list of them. What is drawn at random is drawn from a seed, and the same input
//! gives the same output on any number of processors.
//!
//! | to | see |
//! |---|---|
//! | put answers into a table | [`answers`] |
//! | make labels of them | [`vote`], [`dawid_skene`], [`glad`], [`mace`], or [`auto`] which chooses |
//! | bring boxes, outlines and spans together, or masks, texts, orders, numbers | [`objects`], [`masks`], [`texts`], [`rankings`], [`ratings`] |
//! | take answers one by one | [`online`] |
//! | know how sure a label is | [`calibration`] |
//! | decide whether one more answer is worth its price | [`plan`] |
//! | judge people by gold | [`gold`] |
//! | say how far opinions agree | [`agreement`], [`alpha`], [`kappa`] |
//! | estimate a mean, with an interval | [`sequence`], [`ppi`] |
//! | rank by comparisons | [`bradley_terry`] |

pub mod agreement;
pub mod alpha;
pub mod answers;
pub mod auto;
pub mod bradley_terry;
pub mod calibration;
pub mod dawid_skene;
pub mod glad;
pub mod gold;
pub mod interval;
pub mod kappa;
mod linear;
pub mod mace;
pub mod masks;
pub mod objects;
pub mod online;
mod parallel;
pub mod plan;
pub mod ppi;
pub mod random;
pub mod rankings;
pub mod ratings;
pub mod sequence;
pub mod special;
pub mod texts;
pub mod vote;
