//! Tables of places without a line that names their columns, as two tools write them: RetinaNet's
//! `picture,x1,y1,x2,y2,class`, with a picture alone where it has nothing, and make-sense's
//! `class,x,y,width,height,picture,width,height` of boxes, `class,x,y,picture,width,height` of points and
//! `picture,"[class,class]"` of pictures as a whole.

use super::yolo::is_picture;
use crate::cells::Cells;

#[derive(Clone, Copy)]
pub(super) enum Bare {
    RetinaNet,
    MakeSense,
    Points,
    Classes,
}

impl Bare {
    /// Which of the tables begins with this row.
    pub fn of(first: &[impl AsRef<[u8]>]) -> Option<Self> {
        let cells = first.iter().map(|cell| std::str::from_utf8(cell.as_ref()).map(str::trim));
        let cells: Vec<&str> = cells.collect::<Result<_, _>>().ok()?;
        let is_number = |cell: &&str| cell.parse::<f64>().is_ok_and(f64::is_finite);
        let is_class = |cell: &str| !cell.is_empty() && !is_number(&cell);
        match cells[..] {
            [picture, ref rest @ .., class] if rest.len() == 4 && is_picture(picture) => {
                let nothing = class.is_empty() && rest.iter().all(|cell| cell.is_empty());
                (nothing || !class.is_empty() && rest.iter().all(is_number))
                    .then_some(Bare::RetinaNet)
            }
            [class, ref place @ .., picture, width, height] if place.len() == 4 => {
                let numbers = place.iter().chain([&width, &height]).all(is_number);
                (is_class(class) && numbers && is_picture(picture)).then_some(Bare::MakeSense)
            }
            [class, x, y, picture, width, height] => {
                let numbers = [x, y, width, height].iter().all(is_number);
                (is_class(class) && numbers && is_picture(picture)).then_some(Bare::Points)
            }
            [picture, classes] => {
                let listed = classes.starts_with('[') && classes.ends_with(']');
                (listed && is_picture(picture)).then_some(Bare::Classes)
            }
            _ => None,
        }
    }

    /// The columns of the rows, as tables with a header name them.
    pub fn names(self) -> Vec<String> {
        let names: &[&str] = match self {
            Bare::RetinaNet => &["file_name", "xmin", "ymin", "xmax", "ymax", "label"],
            Bare::MakeSense => {
                &["label", "xmin", "ymin", "xmax", "ymax", "file_name", "width", "height"]
            }
            Bare::Points => &["label", "point", "file_name", "width", "height"],
            Bare::Classes => &["file_name", "label"],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// The cells of a row under those names: a corner instead of two sides, a point in one cell, and the names of
    /// classes, which stand in their list without quotes, as texts. What is no number is left, and told by its column.
    pub fn cells(self, mut cells: Cells) -> Cells {
        let number = |cell: &Vec<u8>| std::str::from_utf8(cell).ok()?.trim().parse::<f64>().ok();
        if let (Bare::MakeSense, [_, x, y, width, height, ..]) = (self, &mut cells[..]) {
            for (from, side) in [(x, width), (y, height)] {
                if let (Some(from), Some(length)) = (number(from), number(side)) {
                    *side = (from + length).to_string().into_bytes();
                }
            }
        }
        if let (Bare::Points, [_, x, y, ..]) = (self, &mut cells[..]) {
            *x = [b"[", &x[..], b", ", y, b"]"].concat();
            cells.remove(2);
        }
        if let (Bare::Classes, [_, classes]) = (self, &mut cells[..])
            && let Some(names) = std::str::from_utf8(classes).ok().and_then(listed)
        {
            *classes = names.into_bytes();
        }
        cells
    }
}

/// The list in JSON.
fn listed(cell: &str) -> Option<String> {
    let names = cell.trim().strip_prefix('[')?.strip_suffix(']')?;
    let names: Vec<&str> =
        names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    serde_json::to_string(&names).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_row_says_which_table_it_is() {
        for (row, wanted) in [
            ("a/b.jpg,1,2,30,40,cat", Some("file_name")),
            ("a.jpg,,,,,", Some("file_name")),
            ("cat,1,2,30,40,a.jpg,640,480", Some("label")),
            ("eye,1,2,a.jpg,640,480", Some("label")),
            ("eye,1,x,a.jpg,640,480", None),
            ("a.jpg,[cat]", Some("file_name")),
            ("a.jpg,cat", None),
            ("file_name,xmin,ymin,xmax,ymax,label", None),
            ("a.jpg,1,2,30,x,cat", None),
            ("a.jpg,1,2,30,40,", None),
            ("7,1,2,30,40,a.jpg,640,480", None),
            ("cat,1,2,30,40,a,640,480", None),
        ] {
            let cells: Vec<&[u8]> = row.split(',').map(str::as_bytes).collect();
            let names = Bare::of(&cells).map(|bare| bare.names()[0].clone());
            assert_eq!(names.as_deref(), wanted, "{row}");
        }
    }
}
