//! What an ONNX file says and the runtime does not tell: whether the model prepares pictures itself.
//!
//! Reads as much of the wire format (protobuf, "Encoding") as it takes to find the first node that has
//! the model's input: onnx.proto has `ModelProto.graph` = 7; `GraphProto.node` = 1, `initializer` = 5,
//! `input` = 11; `NodeProto.input` = 1, `op_type` = 4; `TensorProto.name` = 8; `ValueInfoProto.name` = 1.

use std::ops::ControlFlow;

/// Nodes that bring levels into the form that the rest of the model wants.
const PREPARES: [&[u8]; 3] = [b"Sub", b"Div", b"BatchNormalization"];

/// Whether the first node that takes the model's picture subtracts from it or scales it.
pub(super) fn prepares_itself(model: &[u8]) -> bool {
    let Some(graph) = field(model, 7) else { return false };
    let mut constants = Vec::new();
    each(graph, 5, &mut |tensor| constants.extend(field(tensor, 8)));
    let mut inputs = Vec::new();
    each(graph, 11, &mut |input| inputs.extend(field(input, 1)));
    // Old files list constants among the inputs.
    let Some(picture) = inputs.into_iter().find(|name| !constants.contains(name)) else {
        return false;
    };
    let mut answer = None;
    each(graph, 1, &mut |node| {
        let mut takes = false;
        each(node, 1, &mut |name| takes |= name == picture);
        if takes && answer.is_none() {
            answer = field(node, 4).map(|operator| PREPARES.contains(&operator));
        }
    });
    answer.unwrap_or(false)
}

/// The first field of this number that holds bytes.
fn field(message: &[u8], number: u64) -> Option<&[u8]> {
    let mut found = None;
    walk(message, &mut |of, bytes| {
        if of == number {
            found = Some(bytes);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    found
}

/// All fields of this number that hold bytes.
fn each<'a>(message: &'a [u8], number: u64, take: &mut dyn FnMut(&'a [u8])) {
    walk(message, &mut |of, bytes| {
        if of == number {
            take(bytes);
        }
        ControlFlow::Continue(())
    });
}

/// Goes through the fields that hold bytes, to the end or to what is no field.
fn walk<'a>(mut rest: &'a [u8], take: &mut dyn FnMut(u64, &'a [u8]) -> ControlFlow<()>) {
    while let Some(tag) = varint(&mut rest) {
        let skipped = match tag & 7 {
            0 => varint(&mut rest).map(|_| 0),
            1 => Some(8),
            2 => {
                let length = varint(&mut rest).and_then(|length| usize::try_from(length).ok());
                let Some(bytes) = length.and_then(|length| rest.get(..length)) else { return };
                if take(tag >> 3, bytes).is_break() {
                    return;
                }
                Some(bytes.len())
            }
            5 => Some(4),
            _ => None,
        };
        let Some(left) = skipped.and_then(|bytes| rest.get(bytes..)) else { return };
        rest = left;
    }
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, left) = rest.split_first()?;
        *rest = left;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_model_does_and_noise_does_not() {
        let model = include_bytes!("../../presets/recognition/shapes12.onnx");
        assert!(prepares_itself(model));
        for length in [0, 1, 10, 1000, 190_000] {
            let _ = prepares_itself(&model[..length]);
        }
        assert!(!prepares_itself(&[0xff; 100]));
        // Field 7 of a length that is not there.
        assert!(!prepares_itself(&[0x3a, 0x7f, 1]));
    }
}
