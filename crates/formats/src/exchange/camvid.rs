//! CamVid: a picture of classes for each picture, in grey or in the colours of `label_colors.txt` (`red green blue name`).
//! Lists name both, `train/a.png trainannot/a.png`; where there are none, `a_L.png` has the classes of `a.png`.

use super::class_masks;
use super::items::each_line_in;
use super::painted::{Colour, Painted};
use super::panoptic::masks;
use super::source::whole;
use super::voc_masks::Labels;
use super::yolo::is_picture;
use super::{Item, Mark, ReadError, Shape, Sink, Source, add_mark, refusal};
use crate::row::{Code, Fault};

const LABELS: &str = "label_colors.txt";
const FILE: [&str; 2] = [LABELS, "red green blue name"];
const LABELS_MAX_BYTES: u64 = 4 << 20;

/// The classes of pictures in grey, by their numbers from 0, as SegNet made them of the first ones.
const GREYS: [&str; 12] = [
    "Sky",
    "Building",
    "Pole",
    "Road",
    "Pavement",
    "Tree",
    "SignSymbol",
    "Fence",
    "Car",
    "Pedestrian",
    "Bicyclist",
    "Unlabelled",
];

/// The classes that CamVid began with.
const FIRST: [(&str, Colour); 32] = [
    ("Void", [0, 0, 0]),
    ("Animal", [64, 128, 64]),
    ("Archway", [192, 0, 128]),
    ("Bicyclist", [0, 128, 192]),
    ("Bridge", [0, 128, 64]),
    ("Building", [128, 0, 0]),
    ("Car", [64, 0, 128]),
    ("CartLuggagePram", [64, 0, 192]),
    ("Child", [192, 128, 64]),
    ("Column_Pole", [192, 192, 128]),
    ("Fence", [64, 64, 128]),
    ("LaneMkgsDriv", [128, 0, 192]),
    ("LaneMkgsNonDriv", [192, 0, 64]),
    ("Misc_Text", [128, 128, 64]),
    ("MotorcycleScooter", [192, 0, 192]),
    ("OtherMoving", [128, 64, 64]),
    ("ParkingBlock", [64, 192, 128]),
    ("Pedestrian", [64, 64, 0]),
    ("Road", [128, 64, 128]),
    ("RoadShoulder", [128, 128, 192]),
    ("Sidewalk", [0, 0, 192]),
    ("SignSymbol", [192, 128, 128]),
    ("Sky", [128, 128, 128]),
    ("SUVPickupTruck", [64, 128, 192]),
    ("TrafficCone", [0, 0, 64]),
    ("TrafficLight", [0, 64, 64]),
    ("Train", [192, 64, 128]),
    ("Tree", [128, 128, 0]),
    ("Truck_Bus", [192, 128, 192]),
    ("Tunnel", [64, 0, 64]),
    ("VegetationMisc", [192, 192, 0]),
    ("Wall", [64, 192, 0]),
];

/// The two pictures of a line of a list.
fn pair(line: &str) -> Option<[&str; 2]> {
    let line = line.trim();
    let [picture, painted] = match line.split('"').collect::<Vec<_>>()[..] {
        ["", picture, _, painted, ""] => [picture, painted],
        _ => line.split_once(char::is_whitespace).map(|(a, b)| [a, b.trim()])?,
    };
    (is_picture(picture) && painted.ends_with(".png")).then_some([picture, painted])
}

/// Whether a text is a list of pictures with their classes.
pub(super) fn is_list(head: &str) -> bool {
    let first = head.lines().find(|line| !line.trim().is_empty()).and_then(pair);
    first.is_some_and(|[_, painted]| painted.contains("annot/") || painted.ends_with("_L.png"))
}

pub(super) fn is_colours(name: &str) -> bool {
    name.rsplit('/').next() == Some(LABELS)
}

pub(super) fn read(source: &mut Source, sink: &mut dyn Sink) -> Result<(), ReadError> {
    if class_masks::are_there(source) {
        return class_masks::read(source, sink);
    }
    let labels = labels(source, sink)?;
    let mut listed = false;
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if !name.ends_with(".txt") || is_colours(&name) {
            continue;
        }
        if !is_list(&source.head(index, 4096).unwrap_or_default()) {
            continue;
        }
        listed = true;
        let (root, file) =
            name.rsplit_once('/').map_or(("", &name[..]), |(root, file)| (root, file));
        let subset = file.trim_end_matches(".txt");
        let mut input = source.stream(index)?;
        each_line_in(&name, &mut input, sink, &mut |file, row, raw, sink| {
            let line = String::from_utf8_lossy(raw);
            let Some([picture, painted]) = pair(&line) else {
                let message = "the row is not a picture and a PNG of its classes";
                let fault = Fault::new("", Code::WrongType, message);
                sink.refuse(refusal(file, row, fault, raw));
                return Ok(());
            };
            let Some(at) = find(source, root, painted) else {
                let message = format!("`{painted}` is not there");
                let fault = Fault::new("", Code::UnknownValue, message);
                sink.refuse(refusal(file, row, fault, raw));
                return Ok(());
            };
            let picture = match find(source, root, picture) {
                Some(at) => source.names()[at].clone(),
                None => picture.trim_start_matches('/').to_owned(),
            };
            let item = Item { name: picture, subset: subset.into(), ..Item::default() };
            one(source, at, &labels, item, sink)
        })?;
    }
    for index in 0..source.names().len() {
        let name = source.names()[index].clone();
        if let Some(stem) = name.strip_suffix("_L.png").filter(|_| !listed) {
            one(
                source,
                index,
                &labels,
                Item { name: format!("{stem}.png"), ..Item::default() },
                sink,
            )?;
        }
    }
    Ok(())
}

/// The file of a path that may begin further up than the data set does.
fn find(source: &Source, root: &str, path: &str) -> Option<usize> {
    let mut rest = path.trim_start_matches('/');
    loop {
        let found = match root {
            "" => source.find(rest),
            root => source.find(&format!("{root}/{rest}")),
        };
        match found {
            Some(found) => return Some(found),
            None => rest = rest.split_once('/')?.1,
        }
    }
}

struct Lists {
    colours: Labels,
    greys: Labels,
}

fn labels(source: &mut Source, sink: &mut dyn Sink) -> Result<Lists, ReadError> {
    let Some(index) = source.names().iter().position(|name| is_colours(name)) else {
        let colours = FIRST.iter().map(|(name, colour)| ((*name).into(), *colour)).collect();
        let greys = GREYS.iter().map(|name| ((*name).into(), [0; 3])).collect();
        return Ok(Lists {
            colours: Labels::known(colours, FILE),
            greys: Labels::known(greys, FILE),
        });
    };
    let name = source.names()[index].clone();
    let text = source.text(index, LABELS_MAX_BYTES)?;
    let mut rows: Vec<(String, Option<Colour>)> = Vec::new();
    for (line, row) in (1..).zip(String::from_utf8_lossy(&text).lines()) {
        let row = row.trim();
        if row.is_empty() || row.starts_with('#') {
            continue;
        }
        let words: Vec<&str> = row.split_ascii_whitespace().collect();
        let colour = [0, 1, 2].map(|at| words.get(at)?.parse::<u8>().ok());
        // Where some of three are numbers, all of them were meant to be.
        if words.len() > 3
            && colour.iter().any(Option::is_some)
            && !colour.iter().all(Option::is_some)
        {
            let message = "the row is not red, green and blue, 0 to 255, and the name of a class";
            let fault = Fault::new("color", Code::WrongType, message);
            sink.refuse(refusal(&name, line, fault, row.as_bytes()));
            continue;
        }
        let [red, green, blue] = colour;
        let (class, colour) = match (red, green, blue, &words[..]) {
            (Some(red), Some(green), Some(blue), [_, _, _, class @ ..]) => {
                (class.join(" "), Some([red, green, blue]))
            }
            _ => (words.join(" "), None),
        };
        if class.is_empty() || rows.iter().any(|(known, _)| *known == class) {
            let message = if class.is_empty() {
                "the class has no name".into()
            } else {
                format!("the class “{class}” is listed twice")
            };
            let fault = Fault::new("name", Code::OutOfRange, message);
            sink.refuse(refusal(&name, line, fault, row.as_bytes()));
        } else {
            rows.push((class, colour));
        }
    }
    let [colours, greys] = [Labels::given(rows.clone(), FILE), Labels::given(rows, FILE)];
    colours.tell(sink)?;
    Ok(Lists { colours, greys })
}

fn one(
    source: &mut Source,
    index: usize,
    labels: &Lists,
    mut item: Item,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let name = source.names()[index].clone();
    let Some(painted) = Painted::read(source, index, sink)? else { return Ok(()) };
    let labels = if painted.grey { &labels.greys } else { &labels.colours };
    let meanings = labels.meanings(&painted, &name, sink);
    [item.width, item.height] = painted.size.map(Some);
    let Some(found) = masks(painted.size, |x, y| meanings[painted.at(x, y)]) else {
        sink.refuse(whole(&name, Code::OutOfRange, "the picture has more than 50,000 classes"));
        return Ok(());
    };
    for (class, mask) in found {
        let class = &labels.list[class as usize - 1].0;
        if !add_mark(&mut item, Ok(Mark::shape(class, Shape::Mask(mask))), &name, (1, b""), sink) {
            break;
        }
    }
    Ok(sink.item(item)?)
}
