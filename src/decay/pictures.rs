//! The working pictures, and every way to read two and write another.

use super::{
    pipelines::Layouts,
    plan::{Place, WORK_PICTURES},
};
use crate::gpu::Gpu;

/// Pixels that a workgroup makes where a thread makes one; also the threads of most workgroups.
pub const TILE_PX: (u32, u32) = (8, 8);
/// Pixels of one chroma sample.
const CHROMA_PX: (u32, u32) = (2, 2);
/// Pixels that a thread of `unpack_wide` and `pack_wide` makes.
const WIDE_PX: (u32, u32) = (8, 2);
/// Words that a workgroup of the passes over packed I420 makes.
const GROUP_WORDS: u32 = 64;
/// Workgroups in a row of those passes: devices take 65,535, the largest picture needs more.
const GROUPS_IN_ROW: u32 = 256;

/// The work pictures, and two that take turns in being the decoded one.
const PLACES: usize = WORK_PICTURES + 2;

/// The working pictures, and a bind group for every way to read two and write another.
#[derive(Debug)]
pub struct Pictures {
    textures: [wgpu::Texture; PLACES],
    /// By source, second, result; `None` where the result would be read too.
    groups: [[[Option<wgpu::BindGroup>; PLACES]; PLACES]; PLACES],
    /// Whether [`Place::Decoded`] and [`Place::Spare`] have changed places.
    is_swapped: bool,
}

impl Pictures {
    /// Makes them, without content.
    pub fn new(gpu: &Gpu, layouts: &Layouts, width: u32, height: u32) -> Self {
        use wgpu::TextureUsages as Usage;
        let textures: [wgpu::Texture; PLACES] = std::array::from_fn(|_| {
            gpu.device().create_texture(&wgpu::TextureDescriptor {
                label: Some("working picture"),
                size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: wgpu::TextureFormat::Rgba8Uint,
                usage: Usage::TEXTURE_BINDING
                    | Usage::STORAGE_BINDING
                    | Usage::COPY_SRC
                    | Usage::COPY_DST,
                view_formats: &[],
            })
        });
        let views = textures.each_ref().map(|texture| texture.create_view(&Default::default()));
        let group = |source: usize, second: usize, result: usize| {
            (result != source && result != second).then(|| {
                layouts.bind_pictures(gpu, [&views[source], &views[second], &views[result]])
            })
        };
        let groups = std::array::from_fn(|source| {
            std::array::from_fn(|second| {
                std::array::from_fn(|result| group(source, second, result))
            })
        });
        Self { textures, groups, is_swapped: false }
    }

    fn index(&self, place: Place) -> usize {
        match place {
            Place::Work(index) => index,
            Place::Decoded => WORK_PICTURES + usize::from(self.is_swapped),
            Place::Spare => WORK_PICTURES + usize::from(!self.is_swapped),
        }
    }

    /// Lets the spare picture be the decoded one, and the other way round.
    pub fn swap(&mut self) {
        self.is_swapped = !self.is_swapped;
    }

    /// The bind group of a pass; `None` if its result were one of the pictures it reads.
    pub fn group(&self, source: Place, second: Place, result: Place) -> Option<&wgpu::BindGroup> {
        self.groups[self.index(source)][self.index(second)][self.index(result)].as_ref()
    }

    /// A picture's texture.
    pub fn texture(&self, place: Place) -> &wgpu::Texture {
        &self.textures[self.index(place)]
    }

    /// Workgroups that make all pixels in tiles of this size.
    pub fn workgroups(&self, tile_px: (u32, u32)) -> (u32, u32) {
        let size = self.textures[0].size();
        (size.width.div_ceil(tile_px.0), size.height.div_ceil(tile_px.1))
    }

    /// Whether the conversions may work on whole words of 4 samples in all planes.
    pub fn is_wide(&self) -> bool {
        self.textures[0].width().is_multiple_of(WIDE_PX.0)
    }

    /// Workgroups that unpack.
    pub fn unpack_workgroups(&self) -> (u32, u32) {
        let size = self.textures[0].size();
        let tile = if self.is_wide() { WIDE_PX } else { CHROMA_PX };
        let (columns, rows) = (size.width / tile.0, size.height / tile.1);
        (columns.div_ceil(TILE_PX.0), rows.div_ceil(TILE_PX.1))
    }

    /// Workgroups that pack.
    pub fn pack_workgroups(&self) -> (u32, u32) {
        if self.is_wide() { self.unpack_workgroups() } else { self.word_workgroups() }
    }

    /// Workgroups that make all words of the packed picture.
    pub fn word_workgroups(&self) -> (u32, u32) {
        let size = self.textures[0].size();
        let words = (size.width * size.height * 3 / 2).div_ceil(4);
        (GROUPS_IN_ROW, words.div_ceil(GROUP_WORDS).div_ceil(GROUPS_IN_ROW))
    }
}
