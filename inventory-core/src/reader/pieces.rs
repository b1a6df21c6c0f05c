use std::ops::Range;
use std::sync::Arc;

/// Text in consecutive pieces, of which each stays where it is.
#[derive(Clone, Debug)]
pub(super) struct Pieces<'a> {
    /// Each with where it ends in the text; none is empty.
    pieces: Arc<[(u64, &'a [u8])]>,
}

impl<'a> Pieces<'a> {
    pub(super) fn new<P>(pieces: impl IntoIterator<Item = &'a P>) -> Pieces<'a>
    where
        P: AsRef<[u8]> + ?Sized + 'a,
    {
        let pieces = pieces.into_iter().map(P::as_ref).filter(|piece| !piece.is_empty());
        let mut end = 0;
        let ending = pieces.map(|piece| {
            end += piece.len() as u64;
            (end, piece)
        });
        Pieces { pieces: ending.collect() }
    }

    pub(super) fn len(&self) -> u64 {
        self.pieces.last().map_or(0, |(end, _)| *end)
    }

    /// What it has from one place to another, without what is not there.
    pub(super) fn range(&self, range: Range<u64>) -> impl Iterator<Item = &'a [u8]> {
        let first = self.pieces.partition_point(|(end, _)| *end <= range.start);
        let pieces = self.pieces.get(first..).unwrap_or_default().iter();
        pieces.map_while(move |(end, piece)| {
            let start = end - piece.len() as u64;
            let within = |place: u64| usize::try_from(place.saturating_sub(start)).unwrap_or(usize::MAX);
            let to = within(range.end).min(piece.len());
            piece.get(within(range.start)..to).filter(|piece| !piece.is_empty())
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_range_is_what_it_is_of_the_whole(
            pieces in vec(vec(any::<u8>(), 0..5), 0..8),
            (start, end) in (0..40_usize, 0..40_usize),
        ) {
            let whole = pieces.concat();
            let text = Pieces::new(&pieces);
            prop_assert_eq!(text.len(), whole.len() as u64);
            let found: Vec<&[u8]> = text.range(start as u64..end as u64).collect();
            let expected = whole.get(start..end.min(whole.len())).unwrap_or_default();
            prop_assert_eq!(found.concat(), expected);
            prop_assert!(found.iter().all(|piece| !piece.is_empty()));
        }
    }
}
