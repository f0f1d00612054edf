//! Any ONNX model that says of a picture what it is.

use super::{
    onnx,
    preparation::{Note, NoteError, Preparation},
    scale::Pixels,
    verdict::Verdict,
};
use rten::{DataType, Dimension, Model, NodeId, RunOptions, ThreadPool, ValueType};
use rten_tensor::{AsView, Layout as _, NdTensor, Tensor};
use std::{fmt, fs, io, path::Path, sync::Arc};

/// Why there is no classifier, or no verdict.
#[derive(Debug, thiserror::Error)]
pub enum ClassifierError {
    /// A file that cannot be read.
    #[error("{file} cannot be read: {source}")]
    Read {
        /// Which.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The note beside the model.
    #[error("{file} is no note on a model: {source}")]
    Note {
        /// Which.
        file: String,
        /// Why.
        source: NoteError,
    },
    /// It is no model, or one with operators that are not known.
    #[error("{file} is no model that can be run: {reason}")]
    Model {
        /// Which.
        file: String,
        /// Why.
        reason: String,
    },
    /// It wants something else than one picture.
    #[error(
        "{file} takes no picture: its input is {seen}; expected one input of f32 [1, 3, HEIGHT, \
         WIDTH] or [1, HEIGHT, WIDTH, 3], 1 channel for grey"
    )]
    Input {
        /// Which.
        file: String,
        /// Name, type and shape of what it takes.
        seen: String,
    },
    /// It does not give one number per label.
    #[error(
        "{file} does not fit its labels: its output is {seen}; expected f32 [1, {labels}], one for each line of the labels"
    )]
    Output {
        /// Which.
        file: String,
        /// Name, type and shape of what it gives.
        seen: String,
        /// How many labels there are.
        labels: usize,
    },
    /// There are no labels.
    #[error("{file} has no labels: one class a line is expected")]
    NoLabels {
        /// Which.
        file: String,
    },
    /// The run failed.
    #[error("{file} failed on a picture prepared as f32 {shape:?}: {reason}")]
    Run {
        /// Which.
        file: String,
        /// What it was given.
        shape: [usize; 4],
        /// Why.
        reason: String,
    },
}

/// A model with its labels, ready to look at pictures.
pub struct Classifier {
    file: String,
    model: Model,
    labels: Vec<String>,
    preparation: Preparation,
    input: NodeId,
    output: NodeId,
    /// Where it runs; `None` = on as many cores as there are.
    pool: Option<Arc<ThreadPool>>,
}

impl Classifier {
    /// Reads a model, its labels (one class a line, in the order of its outputs), and the note beside it
    /// where there is one: the model's name with the ending `.toml`.
    ///
    /// # Errors
    /// Files that cannot be read, or that do not fit each other.
    pub fn open(model: &Path, labels: &Path) -> Result<Self, ClassifierError> {
        let read = |path: &Path| {
            let failed =
                |source| ClassifierError::Read { file: path.display().to_string(), source };
            fs::read(path).map_err(failed)
        };
        let text =
            |path: &Path| read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let names = text(labels)?;
        if names.trim().is_empty() {
            return Err(ClassifierError::NoLabels { file: labels.display().to_string() });
        }
        let beside = model.with_extension("toml");
        let note = match beside.is_file() {
            true => Some(Note::parse(&text(&beside)?).map_err(|source| ClassifierError::Note {
                file: beside.display().to_string(),
                source,
            })?),
            false => None,
        };
        Self::made(&model.display().to_string(), read(model)?, Some(model), &names, note.as_ref())
    }

    /// Of a file's bytes; `file` is what it is called in errors.
    pub(super) fn new(file: &str, bytes: Vec<u8>, labels: &str) -> Result<Self, ClassifierError> {
        Self::made(file, bytes, None, labels, None)
    }

    /// Looks at one grey picture, so that what does not fit is known before the first real one.
    fn made(
        file: &str,
        bytes: Vec<u8>,
        path: Option<&Path>,
        labels: &str,
        note: Option<&Note>,
    ) -> Result<Self, ClassifierError> {
        let file = file.to_owned();
        let labels: Vec<String> = labels
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        let prepares_itself = onnx::prepares_itself(&bytes);
        // Weights may be in files of their own, which only the path leads to.
        let model = Model::load(bytes).or_else(|error| match path {
            Some(path) => Model::load_file(path),
            None => Err(error),
        });
        let model = model.map_err(|error| ClassifierError::Model {
            file: file.clone(),
            reason: error.to_string().replace('\n', " "),
        })?;
        let seen = |ids: &[NodeId]| {
            let each: Vec<String> = ids.iter().map(|id| described(&model, *id)).collect();
            if each.is_empty() { "nothing".to_owned() } else { each.join(", ") }
        };
        let input_error =
            || ClassifierError::Input { file: file.clone(), seen: seen(model.input_ids()) };
        let &[input] = model.input_ids() else { return Err(input_error()) };
        let is_float = |id: NodeId| match model.node_info(id).and_then(|node| node.dtype()) {
            Some(kind) => kind == ValueType::Tensor(DataType::Float),
            None => true,
        };
        let shape = model.node_info(input).and_then(|node| node.shape());
        let shape: Option<Vec<Option<usize>>> = shape.map(|shape| {
            let side = |dimension: &Dimension| match dimension {
                Dimension::Fixed(side) => Some(*side),
                Dimension::Symbolic(_) => None,
            };
            shape.iter().map(side).collect()
        });
        let preparation = Preparation::of(shape.as_deref(), note, prepares_itself)
            .filter(|_| is_float(input))
            .ok_or_else(input_error)?;
        let &[output, ..] = model.output_ids() else {
            let labels = labels.len();
            return Err(ClassifierError::Output { file, seen: "nothing".to_owned(), labels });
        };
        let classifier = Self { file, model, labels, preparation, input, output, pool: None };
        classifier.look(Pixels { width: 1, height: 1, pixels: &[[128; 3]] })?;
        Ok(classifier)
    }

    /// Runs on one core from now on, so that a show beside it keeps the others.
    pub fn use_one_core(&mut self) {
        self.pool = Some(Arc::new(ThreadPool::with_num_threads(1)));
    }

    /// What it is called: its file.
    pub fn name(&self) -> &str {
        &self.file
    }

    /// The classes, in the order of a verdict's.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// How it prepares pictures.
    pub fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    /// Says of a picture what it is.
    ///
    /// # Errors
    /// The model fails, or gives another number of values than there are labels.
    pub fn look(&self, picture: Pixels<'_>) -> Result<Verdict, ClassifierError> {
        let shape = self.preparation.shape();
        let failed = |reason: String| ClassifierError::Run {
            file: self.file.clone(),
            shape,
            reason: reason.replace('\n', " "),
        };
        let values = self.preparation.prepared(picture);
        let tensor = NdTensor::from_data(shape, values);
        let mut options = RunOptions::default();
        options.thread_pool = self.pool.clone();
        let outputs =
            self.model.run(vec![(self.input, tensor.view().into())], &[self.output], Some(options));
        let output = outputs.map_err(|error| failed(error.to_string()))?.into_iter().next();
        let output = output.ok_or_else(|| failed("it gives nothing".to_owned()))?;
        let (name, kind) = (self.name_of_output(), output.dtype());
        let wrong = |shape: String| ClassifierError::Output {
            file: self.file.clone(),
            seen: format!("{name} {shape}"),
            labels: self.labels.len(),
        };
        let tensor: Tensor<f32> =
            output.into_tensor().ok_or_else(|| wrong(format!("of type {kind:?}")))?;
        let values = tensor.to_vec();
        if values.len() != self.labels.len() {
            return Err(wrong(format!("f32 {:?}", tensor.shape())));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(failed("it gives values that are no numbers".to_owned()));
        }
        Ok(Verdict::of(&values))
    }

    fn name_of_output(&self) -> String {
        let node = self.model.node_info(self.output);
        node.and_then(|node| node.name().map(str::to_owned)).unwrap_or_default()
    }
}

/// Name, type and shape of what goes in or out.
fn described(model: &Model, id: NodeId) -> String {
    let Some(node) = model.node_info(id) else { return "unknown".to_owned() };
    let kind = match node.dtype() {
        Some(ValueType::Tensor(kind)) => kind.to_string(),
        Some(other) => format!("{other:?}"),
        None => "any type".to_owned(),
    };
    let side = |dimension: &Dimension| match dimension {
        Dimension::Fixed(side) => side.to_string(),
        Dimension::Symbolic(name) => name.clone(),
    };
    let shape = node.shape().map_or("of any shape".to_owned(), |shape| {
        format!("[{}]", shape.iter().map(side).collect::<Vec<_>>().join(", "))
    });
    format!("{} {kind} {shape}", node.name().unwrap_or("unnamed"))
}

impl fmt::Debug for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Classifier")
            .field("file", &self.file)
            .field("labels", &self.labels.len())
            .field("preparation", &self.preparation)
            .finish_non_exhaustive()
    }
}
