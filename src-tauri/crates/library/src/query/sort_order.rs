//! A complete sort order of all tracks in memory, and sets of ids.

/// All tracks in one order.
pub(crate) struct SortOrder {
    pub ids: Vec<u32>,
    pub all: IdSet,
}

impl SortOrder {
    /// Returns `None` if ids are so sparse that a bit set of them would waste memory.
    pub fn new(ids: &[i64]) -> Option<SortOrder> {
        let end = ids.iter().max().map_or(0, |last| last + 1);
        if usize::try_from(end).ok()? > ids.len().saturating_mul(100) {
            return None;
        }
        let all = IdSet::new(usize::try_from(end).ok()?, ids.iter().copied());
        Some(SortOrder { ids: ids.iter().map(|id| u32::try_from(*id)).collect::<Result<_, _>>().ok()?, all })
    }
}

/// A set of ids: one bit for each possible id.
#[derive(Clone)]
pub(crate) struct IdSet(Vec<u64>);

impl IdSet {
    /// Returns the set of those ids that are smaller than `end`.
    fn new(end: usize, ids: impl Iterator<Item = i64>) -> IdSet {
        let mut bits = vec![0; end.div_ceil(64)];
        for id in ids.filter_map(|id| usize::try_from(id).ok()) {
            if let Some(word) = bits.get_mut(id / 64) {
                *word |= 1 << (id % 64);
            }
        }
        IdSet(bits)
    }

    pub fn contains(&self, id: u32) -> bool {
        self.0.get(id as usize / 64).is_some_and(|word| word & (1 << (id % 64)) != 0)
    }

    pub fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Removes all ids that are not in `ids`.
    pub fn intersect(&mut self, ids: impl Iterator<Item = i64>) {
        self.combine(ids, |word, other| word & other);
    }

    /// Removes all ids that are in `ids`.
    pub fn subtract(&mut self, ids: impl Iterator<Item = i64>) {
        self.combine(ids, |word, other| word & !other);
    }

    fn combine(&mut self, ids: impl Iterator<Item = i64>, combine: fn(u64, u64) -> u64) {
        let IdSet(others) = IdSet::new(self.0.len() * 64, ids);
        for (word, other) in self.0.iter_mut().zip(others) {
            *word = combine(*word, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparse_ids_make_no_sort_order() {
        assert!(SortOrder::new(&[1_000_000]).is_none());
        assert!(SortOrder::new(&[7, 3]).is_some());
    }
}
