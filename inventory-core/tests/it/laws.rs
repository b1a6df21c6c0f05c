//! What holds for every input, tried on generated ones.

mod generate;
mod oracle;

mod changes;
mod counts;
mod diff;
mod documents;
mod margin;
mod notices;
mod panics;
mod positions;
mod quantity;
mod reading;
mod receipt;
mod receipts;
mod shapes;
mod splits;
mod version;
