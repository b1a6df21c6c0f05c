//! What the core promises, at its public boundary: one binary, because it
//! links once.

#[cfg(test)]
mod support;

#[cfg(test)]
mod reader;

#[cfg(test)]
mod corpus;

#[cfg(test)]
mod formats;

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod mutations;

#[cfg(test)]
mod transitions;

#[cfg(test)]
mod notices;

#[cfg(test)]
mod receipts;

#[cfg(test)]
mod turnstile;

#[cfg(test)]
mod laws;

#[cfg(test)]
mod dependencies;
