//! A writer of small ONNX files, so that tests have models of any shape: onnx.proto's fields by number.

/// A message on its way.
#[derive(Clone, Default)]
pub struct Message(Vec<u8>);

impl Message {
    fn varint(mut self, mut value: u64) -> Self {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }

    fn int(self, field: u64, value: u64) -> Self {
        self.varint(field << 3).varint(value)
    }

    fn bytes(self, field: u64, bytes: &[u8]) -> Self {
        let mut message = self.varint(field << 3 | 2).varint(bytes.len() as u64);
        message.0.extend(bytes);
        message
    }
}

/// `FLOAT` and `INT64` of `TensorProto.DataType`.
pub const FLOAT: u64 = 1;
pub const INT64: u64 = 7;

/// A model that is written node by node.
#[derive(Default)]
pub struct Graph {
    graph: Message,
    names: usize,
    state: u64,
}

impl Graph {
    fn name(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    /// `ValueInfoProto`; a side of 0 is left open.
    fn value(name: &str, kind: u64, sides: &[u64]) -> Vec<u8> {
        let mut shape = Message::default();
        for side in sides {
            let dimension = match side {
                0 => Message::default().bytes(2, b"N"),
                side => Message::default().int(1, *side),
            };
            shape = shape.bytes(1, &dimension.0);
        }
        let tensor = Message::default().int(1, kind).bytes(2, &shape.0);
        let kind = Message::default().bytes(1, &tensor.0);
        Message::default().bytes(1, name.as_bytes()).bytes(2, &kind.0).0
    }

    pub fn input(&mut self, name: &str, kind: u64, sides: &[u64]) -> String {
        self.graph = self.graph.clone().bytes(11, &Self::value(name, kind, sides));
        name.to_owned()
    }

    /// `TensorProto` as a constant.
    pub fn constant(&mut self, sides: &[u64], values: &[f32]) -> String {
        assert_eq!(sides.iter().product::<u64>(), values.len() as u64);
        let name = self.name();
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let mut tensor = Message::default();
        for side in sides {
            tensor = tensor.int(1, *side);
        }
        let tensor = tensor.int(2, FLOAT).bytes(8, name.as_bytes()).bytes(9, &raw);
        self.graph = std::mem::take(&mut self.graph).bytes(5, &tensor.0);
        name
    }

    /// Weights by chance, of a spread that keeps signals alive (He et al. 2015); the same every time.
    pub fn weights(&mut self, sides: &[u64]) -> String {
        let count = sides.iter().product::<u64>();
        let inputs = sides[1..].iter().product::<u64>().max(1);
        let spread = (6.0 / inputs as f32).sqrt();
        let state = &mut self.state;
        let mut next = || {
            // Knuth's MMIX.
            *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            spread * ((*state >> 33) as f32 / (1_u32 << 30) as f32 - 1.0)
        };
        let values: Vec<f32> = (0..count).map(|_| next()).collect();
        self.constant(sides, &values)
    }

    /// `NodeProto` with attributes of whole numbers.
    pub fn node(&mut self, operator: &str, inputs: &[&str], lists: &[(&str, &[u64])]) -> String {
        let out = self.name();
        let mut node = Message::default();
        for input in inputs {
            node = node.bytes(1, input.as_bytes());
        }
        node = node.bytes(2, out.as_bytes()).bytes(4, operator.as_bytes());
        for (name, values) in lists {
            let mut attribute = Message::default().bytes(1, name.as_bytes());
            if matches!(*name, "group" | "axis") {
                attribute = attribute.int(3, values[0]).int(20, 2);
            } else {
                for value in *values {
                    attribute = attribute.int(8, *value);
                }
                attribute = attribute.int(20, 7);
            }
            node = node.bytes(5, &attribute.0);
        }
        self.graph = std::mem::take(&mut self.graph).bytes(1, &node.0);
        out
    }

    /// The file, with this output.
    pub fn model(self, output: &str, sides: &[u64]) -> Vec<u8> {
        let graph = self.graph.bytes(2, b"test").bytes(12, &Self::value(output, FLOAT, sides));
        let opset = Message::default().bytes(1, b"").int(2, 13);
        Message::default().int(1, 8).bytes(7, &graph.0).bytes(8, &opset.0).0
    }
}

/// MobileNetV2 as its authors have it (Sandler et al. 2018, table 2), batch normalisation folded away,
/// weights by chance: expansion, channels, repeats and stride of each row.
pub fn mobile_net_v2() -> Vec<u8> {
    const ROWS: [[u64; 4]; 7] = [
        [1, 16, 1, 1],
        [6, 24, 2, 2],
        [6, 32, 3, 2],
        [6, 64, 4, 2],
        [6, 96, 3, 1],
        [6, 160, 3, 2],
        [6, 320, 1, 1],
    ];
    let mut graph = Graph::default();
    let (low, high) = (graph.constant(&[], &[0.0]), graph.constant(&[], &[6.0]));
    let mut at = graph.input("data", FLOAT, &[0, 3, 224, 224]);
    let conv = |graph: &mut Graph, at: &str, sides: [u64; 4], stride: u64, group: u64| {
        let weights = graph.weights(&sides);
        let bias = graph.constant(&[sides[0]], &vec![0.0; sides[0] as usize]);
        let pad = sides[2] / 2;
        let lists: [(&str, &[u64]); 4] = [
            ("kernel_shape", &[sides[2], sides[3]]),
            ("strides", &[stride, stride]),
            ("pads", &[pad, pad, pad, pad]),
            ("group", &[group]),
        ];
        graph.node("Conv", &[at, &weights, &bias], &lists)
    };
    let relu6 = |graph: &mut Graph, at: &str| graph.node("Clip", &[at, &low, &high], &[]);
    at = conv(&mut graph, &at, [32, 3, 3, 3], 2, 1);
    at = relu6(&mut graph, &at);
    let mut channels = 32;
    for [expansion, to, repeats, first_stride] in ROWS {
        for repeat in 0..repeats {
            let stride = if repeat == 0 { first_stride } else { 1 };
            let wide = channels * expansion;
            let mut inner = at.clone();
            if expansion > 1 {
                inner = conv(&mut graph, &inner, [wide, channels, 1, 1], 1, 1);
                inner = relu6(&mut graph, &inner);
            }
            inner = conv(&mut graph, &inner, [wide, 1, 3, 3], stride, wide);
            inner = relu6(&mut graph, &inner);
            inner = conv(&mut graph, &inner, [to, wide, 1, 1], 1, 1);
            at = match stride == 1 && channels == to {
                true => graph.node("Add", &[&at, &inner], &[]),
                false => inner,
            };
            channels = to;
        }
    }
    at = conv(&mut graph, &at, [1280, 320, 1, 1], 1, 1);
    at = relu6(&mut graph, &at);
    at = graph.node("GlobalAveragePool", &[&at], &[]);
    at = graph.node("Flatten", &[&at], &[("axis", &[1])]);
    let weights = graph.weights(&[1280, 1000]);
    at = graph.node("MatMul", &[&at, &weights], &[]);
    graph.model(&at, &[0, 1000])
}
