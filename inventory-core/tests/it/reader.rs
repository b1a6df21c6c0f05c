//! The reader's boundaries, one module for each: a file goes in, the exact
//! text of its rows, rejects or refusal comes out.

mod columns;
mod encoding;
mod fields;
mod header;
mod json;
mod layout;
mod limits;
mod lines;
mod messages;
mod positions;
mod scope;
mod shape;
