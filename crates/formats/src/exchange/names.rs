//! The classes in the order in which a writer meets them.

use std::collections::HashMap;

use super::Class;

#[derive(Default)]
pub(super) struct Names {
    pub list: Vec<Class>,
    pub at: HashMap<String, usize>,
}

impl Names {
    pub fn add(&mut self, class: &Class) {
        match self.at.get(&class.name) {
            // Of several files that list a class, one may know its points.
            Some(at) if self.list[*at].keypoints.is_empty() => {
                let known = &mut self.list[*at];
                known.keypoints.clone_from(&class.keypoints);
                known.skeleton.clone_from(&class.skeleton);
            }
            Some(_) => {}
            None => {
                self.at.insert(class.name.clone(), self.list.len());
                self.list.push(class.clone());
            }
        }
    }

    /// The names of the keypoints of a class.
    pub fn points(&self, name: &str) -> &[String] {
        self.at.get(name).map_or(&[], |at| &self.list[*at].keypoints)
    }

    pub fn index(&mut self, name: &str) -> usize {
        if let Some(index) = self.at.get(name) {
            return *index;
        }
        self.add(&Class { name: name.into(), ..Class::default() });
        self.list.len() - 1
    }
}
