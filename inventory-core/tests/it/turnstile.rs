//! Which uploads win: by example, by law, and in every interleaving.

mod model;
mod passages;
mod rows;
