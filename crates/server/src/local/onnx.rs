//! An ONNX file as a function of numbers.

use rten::{Dimension, Model, NodeId, RunOptions, ThreadPool, ValueOrView};
use rten_tensor::Tensor;
use rten_tensor::prelude::*;
use std::path::Path;
use std::sync::{Arc, OnceLock};

pub(super) struct Onnx {
    model: Model,
}

/// Threads that work on one picture: the others serve people.
const THREADS: usize = 2;

fn threads() -> Arc<ThreadPool> {
    static POOL: OnceLock<Arc<ThreadPool>> = OnceLock::new();
    Arc::clone(POOL.get_or_init(|| Arc::new(ThreadPool::with_num_threads(THREADS))))
}

impl Onnx {
    pub fn embedded(bytes: &'static [u8]) -> Result<Self, String> {
        let model = Model::load_static_slice(bytes);
        model
            .map(|model| Self { model })
            .map_err(|error| format!("the model does not read: {error}"))
    }

    pub fn open(file: &Path) -> Result<Self, String> {
        let model = Model::load_file(file);
        model
            .map(|model| Self { model })
            .map_err(|error| format!("{} is no ONNX file that can be run: {error}", file.display()))
    }

    /// The names of its inputs, in their order.
    pub fn inputs(&self) -> Vec<String> {
        let name = |id: &NodeId| Some(self.model.node_info(*id)?.name()?.to_owned());
        self.model.input_ids().iter().map(|id| name(id).unwrap_or_default()).collect()
    }

    /// The size of the picture that its first input wants, height and width, where the file fixes it.
    pub fn picture_size(&self) -> Option<[usize; 2]> {
        let shape = self.model.input_shape(0)?;
        match shape[..] {
            [_, _, Dimension::Fixed(height), Dimension::Fixed(width)] => Some([height, width]),
            _ => None,
        }
    }

    /// The sizes of an input, as far as the file fixes them.
    pub fn input_shape(&self, name: &str) -> Option<Vec<Option<usize>>> {
        let at = self.inputs().iter().position(|input| input == name)?;
        let size = |size: Dimension| match size {
            Dimension::Fixed(size) => Some(size),
            Dimension::Symbolic(_) => None,
        };
        Some(self.model.input_shape(at)?.into_iter().map(size).collect())
    }

    /// Runs it; inputs by name, outputs with their names.
    pub fn run(
        &self,
        inputs: Vec<(&str, Tensor<f32>)>,
    ) -> Result<Vec<(String, Tensor<f32>)>, String> {
        let failed = |error: String| format!("the model could not be run: {error}");
        let mut given: Vec<(NodeId, ValueOrView<'_>)> = Vec::with_capacity(inputs.len());
        for (name, tensor) in inputs {
            let id = self.model.node_id(name).map_err(|error| failed(error.to_string()))?;
            given.push((id, tensor.into()));
        }
        let options = RunOptions::default().with_thread_pool(Some(threads()));
        let ids = self.model.output_ids().to_vec();
        let outputs = self.model.run(given, &ids, Some(options));
        let outputs = outputs.map_err(|error| failed(error.to_string()))?;
        ids.iter()
            .zip(outputs)
            .map(|(id, value)| {
                let name = self.model.node_info(*id).and_then(|info| Some(info.name()?.to_owned()));
                let tensor: Tensor<f32> = value
                    .try_into()
                    .map_err(|_| failed("an output is not of 32-bit floats".into()))?;
                Ok((name.unwrap_or_default(), tensor))
            })
            .collect()
    }
}

/// A picture of `3 × height × width`.
pub(super) fn picture(planes: Vec<f32>, [height, width]: [usize; 2]) -> Tensor<f32> {
    Tensor::from_data(&[1, 3, height, width], planes)
}

/// The numbers of a tensor, in their order.
pub(super) fn numbers(tensor: &Tensor<f32>) -> Vec<f32> {
    tensor.iter().copied().collect()
}

pub(super) fn shape(tensor: &Tensor<f32>) -> Vec<usize> {
    tensor.shape().to_vec()
}
