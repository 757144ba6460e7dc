//! Ready-made skeletons for projects to begin with.

use crate::ontology::{Class, Keypoint, Ontology, Skeleton};

/// One class, a person, with the seventeen points of COCO.
pub(crate) fn people() -> Ontology {
    let names = [
        "Nose",
        "Left eye",
        "Right eye",
        "Left ear",
        "Right ear",
        "Left shoulder",
        "Right shoulder",
        "Left elbow",
        "Right elbow",
        "Left wrist",
        "Right wrist",
        "Left hip",
        "Right hip",
        "Left knee",
        "Right knee",
        "Left ankle",
        "Right ankle",
    ];
    let points = names
        .iter()
        .map(|name| Keypoint { key: name.to_lowercase().replace(' ', "_"), name: (*name).into() });
    let edges = vec![
        [15, 13],
        [13, 11],
        [16, 14],
        [14, 12],
        [11, 12],
        [5, 11],
        [6, 12],
        [5, 6],
        [5, 7],
        [6, 8],
        [7, 9],
        [8, 10],
        [1, 2],
        [0, 1],
        [0, 2],
        [1, 3],
        [2, 4],
        [3, 5],
        [4, 6],
    ];
    let person = Class {
        key: "person".into(),
        name: "Person".into(),
        color: "#e8590c".into(),
        hotkey: Some("1".into()),
        parent: None,
        description: None,
        skeleton: Some(Skeleton { points: points.collect(), edges }),
        retired: false,
    };
    Ontology { classes: vec![person], ..Ontology::default() }
}
