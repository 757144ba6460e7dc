//! The table of answers: who said what of which item, and what that makes of the items.
//!
//! Sparse: it holds what was answered and no more, twice, by item and by contributor, so that each estimator reads in
//! order. 12 bytes and a bit for each answer.
//!
//! - **A1** An answer is an item, a contributor and a label, each an index below the table's shape; any other is refused, with
//!   the number of its row.
//! - **A2** One contributor has one opinion of an item. Of several rows the last one counts: an answer is never changed,
//!   only superseded. How many were superseded is told, and how many of those said something else.
//! - **A3** The order of the rows changes nothing else.

/// One answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub item: u32,
    pub contributor: u32,
    pub label: u32,
}

/// How many there are of each; indices are below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    pub items: usize,
    pub contributors: usize,
    pub classes: usize,
}

/// A row that does not fit into the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Which row, from zero.
    pub row: usize,
    /// Which of its fields.
    pub field: Field,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Item,
    Contributor,
    Label,
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {}: the {:?} is beyond the shape of the table", self.row, self.field)
    }
}

impl std::error::Error for Misfit {}

/// The most classes that a table may have: labels are kept in two bytes.
pub const CLASSES_MAX: usize = 1 << 16;

/// Answers, by item and by contributor.
///
/// ```
/// use stats::answers::{Answer, Answers, Shape};
/// let shape = Shape { items: 2, contributors: 2, classes: 3 };
/// let say = |item, contributor, label| Answer { item, contributor, label };
/// let answers = Answers::new(shape, &[say(0, 0, 2), say(0, 1, 1), say(1, 0, 0), say(0, 1, 2)]).unwrap();
/// // The second contributor thought again: the last word counts.
/// assert_eq!(answers.of_item(0).collect::<Vec<_>>(), [(0, 2), (1, 2)]);
/// assert_eq!((answers.len(), answers.superseded, answers.contradicted), (3, 1, 1));
/// ```
#[derive(Clone, Debug)]
pub struct Answers {
    pub shape: Shape,
    items: Rows,
    contributors: Rows,
    /// Rows that a later one replaced (A2).
    pub superseded: usize,
    /// Those of them that said something else.
    pub contradicted: usize,
}

/// Compressed rows: of each, who is at the other end and the label.
#[derive(Clone, Debug, Default)]
struct Rows {
    starts: Vec<usize>,
    others: Vec<u32>,
    labels: Vec<u16>,
}

impl Rows {
    #[inline]
    fn of(&self, row: usize) -> impl ExactSizeIterator<Item = (usize, usize)> + Clone + '_ {
        let range = self.starts[row]..self.starts[row + 1];
        let others = self.others[range.clone()].iter();
        others.zip(&self.labels[range]).map(|(other, label)| (*other as usize, *label as usize))
    }

    #[inline]
    fn count(&self, row: usize) -> usize {
        self.starts[row + 1] - self.starts[row]
    }
}

impl Answers {
    /// Linear in the rows, but for sorting each item's few.
    pub fn new(shape: Shape, rows: &[Answer]) -> Result<Self, Misfit> {
        check(&shape, rows)?;
        let mut starts = vec![0; shape.items + 1];
        for row in rows {
            starts[row.item as usize + 1] += 1;
        }
        accumulate(&mut starts);
        let mut next = starts.clone();
        let mut cells = vec![(0u32, 0u16); rows.len()];
        for row in rows {
            let at = &mut next[row.item as usize];
            cells[*at] = (row.contributor, row.label as u16);
            *at += 1;
        }
        let (mut superseded, mut contradicted) = (0, 0);
        let mut items = Rows {
            starts: Vec::with_capacity(shape.items + 1),
            others: Vec::with_capacity(rows.len()),
            labels: Vec::with_capacity(rows.len()),
        };
        items.starts.push(0);
        for item in 0..shape.items {
            let cells = &mut cells[starts[item]..starts[item + 1]];
            // Stable, so that of several rows of one contributor the last stays last.
            cells.sort_by_key(|(contributor, _)| *contributor);
            for same in cells.chunk_by(|a, b| a.0 == b.0) {
                let last = same[same.len() - 1];
                superseded += same.len() - 1;
                contradicted += same.iter().filter(|(_, label)| *label != last.1).count();
                items.others.push(last.0);
                items.labels.push(last.1);
            }
            items.starts.push(items.others.len());
        }
        drop(cells);
        let contributors = turned(&items, shape.contributors);
        Ok(Self { shape, items, contributors, superseded, contradicted })
    }

    /// How many answers count.
    pub fn len(&self) -> usize {
        self.items.others.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The (contributor, label) pairs of an item, in the order of the contributors.
    #[inline]
    pub fn of_item(
        &self,
        item: usize,
    ) -> impl ExactSizeIterator<Item = (usize, usize)> + Clone + '_ {
        self.items.of(item)
    }

    /// The (item, label) pairs of a contributor, in the order of the items.
    pub fn of_contributor(
        &self,
        contributor: usize,
    ) -> impl ExactSizeIterator<Item = (usize, usize)> + Clone + '_ {
        self.contributors.of(contributor)
    }

    /// How many answers an item has.
    #[inline]
    pub fn overlap(&self, item: usize) -> usize {
        self.items.count(item)
    }

    /// How many answers a contributor gave.
    pub fn effort(&self, contributor: usize) -> usize {
        self.contributors.count(contributor)
    }

    /// All answers, by item and within it by contributor.
    pub fn iter(&self) -> impl Iterator<Item = Answer> + '_ {
        (0..self.shape.items).flat_map(move |item| {
            self.of_item(item).map(move |(contributor, label)| Answer {
                item: item as u32,
                contributor: contributor as u32,
                label: label as u32,
            })
        })
    }
}

fn check(shape: &Shape, rows: &[Answer]) -> Result<(), Misfit> {
    let classes = shape.classes.min(CLASSES_MAX);
    for (row, answer) in rows.iter().enumerate() {
        let fields = [
            (Field::Item, answer.item, shape.items),
            (Field::Contributor, answer.contributor, shape.contributors),
            (Field::Label, answer.label, classes),
        ];
        if let Some((field, ..)) = fields.iter().find(|(_, index, count)| *index as usize >= *count)
        {
            return Err(Misfit { row, field: *field });
        }
    }
    Ok(())
}

fn accumulate(counts: &mut [usize]) {
    for at in 1..counts.len() {
        counts[at] += counts[at - 1];
    }
}

/// The same cells by their other end.
fn turned(rows: &Rows, count: usize) -> Rows {
    let mut starts = vec![0; count + 1];
    for other in &rows.others {
        starts[*other as usize + 1] += 1;
    }
    accumulate(&mut starts);
    let mut next = starts.clone();
    let (mut others, mut labels) = (vec![0; rows.others.len()], vec![0; rows.others.len()]);
    for row in 0..rows.starts.len() - 1 {
        for (other, label) in rows.of(row) {
            others[next[other]] = row as u32;
            labels[next[other]] = label as u16;
            next[other] += 1;
        }
    }
    Rows { starts, others, labels }
}

/// What is believed of each item: a probability for each class.
#[derive(Clone, Debug, PartialEq)]
pub struct Beliefs {
    pub classes: usize,
    /// Item after item, class after class; each item's sum to one.
    pub p: Vec<f64>,
}

impl Beliefs {
    /// The same for every class of every item.
    pub fn even(shape: &Shape) -> Self {
        let classes = shape.classes;
        Self { classes, p: vec![1.0 / classes as f64; shape.items * classes] }
    }

    pub fn len(&self) -> usize {
        self.p.len().checked_div(self.classes).unwrap_or(0)
    }

    pub fn is_empty(&self) -> bool {
        self.p.is_empty()
    }

    pub fn of(&self, item: usize) -> &[f64] {
        &self.p[item * self.classes..(item + 1) * self.classes]
    }

    pub(crate) fn of_mut(&mut self, item: usize) -> &mut [f64] {
        &mut self.p[item * self.classes..(item + 1) * self.classes]
    }

    /// The most probable class of an item, and its probability. The first of equals, so that a tie is decided the same
    /// way everywhere.
    pub fn best(&self, item: usize) -> (usize, f64) {
        best(self.of(item))
    }

    /// The most probable class of each item.
    pub fn labels(&self) -> Vec<usize> {
        (0..self.len()).map(|item| self.best(item).0).collect()
    }
}

/// The first of the largest.
pub(crate) fn best(row: &[f64]) -> (usize, f64) {
    let mut best = (0, row.first().copied().unwrap_or(0.0));
    for (class, &p) in row.iter().enumerate().skip(1) {
        if p > best.1 {
            best = (class, p);
        }
    }
    best
}

/// An item whose class is known: gold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub item: usize,
    pub class: usize,
}

/// The share of known items whose most probable class is the known one; none where nothing is known.
pub fn accuracy(beliefs: &Beliefs, known: &[Known]) -> Option<f64> {
    let right = known.iter().filter(|known| beliefs.best(known.item).0 == known.class).count();
    (!known.is_empty()).then(|| right as f64 / known.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(item: u32, contributor: u32, label: u32) -> Answer {
        Answer { item, contributor, label }
    }

    #[test]
    fn the_table_reads_the_same_from_both_sides() {
        let shape = Shape { items: 3, contributors: 2, classes: 2 };
        let answers =
            Answers::new(shape, &[say(2, 1, 1), say(0, 0, 1), say(2, 0, 0), say(0, 1, 0)]).unwrap();
        assert_eq!(answers.of_item(1).len(), 0);
        assert_eq!(answers.of_item(2).collect::<Vec<_>>(), [(0, 0), (1, 1)]);
        assert_eq!(answers.of_contributor(0).collect::<Vec<_>>(), [(0, 1), (2, 0)]);
        assert_eq!(answers.of_contributor(1).collect::<Vec<_>>(), [(0, 0), (2, 1)]);
    }

    #[test]
    fn the_last_word_of_a_contributor_counts_and_the_others_are_told() {
        let shape = Shape { items: 1, contributors: 2, classes: 3 };
        let rows = [say(0, 1, 0), say(0, 0, 1), say(0, 1, 2), say(0, 1, 2)];
        let answers = Answers::new(shape, &rows).unwrap();
        assert_eq!(answers.of_item(0).collect::<Vec<_>>(), [(0, 1), (1, 2)]);
        assert_eq!((answers.superseded, answers.contradicted), (2, 1));
    }

    #[test]
    fn a_row_that_does_not_fit_is_named() {
        let shape = Shape { items: 1, contributors: 1, classes: 1 };
        let refused = |row| Answers::new(shape, &[say(0, 0, 0), row]).unwrap_err();
        assert_eq!(refused(say(1, 0, 0)), Misfit { row: 1, field: Field::Item });
        assert_eq!(refused(say(0, 1, 0)), Misfit { row: 1, field: Field::Contributor });
        assert_eq!(refused(say(0, 0, 1)), Misfit { row: 1, field: Field::Label });
    }
}
