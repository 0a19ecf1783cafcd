//! Tray icons as pixels: icon names only work if the icon theme is installed and searched.

use std::io::Cursor;

use super::model::Icon;

/// Returns an icon in the sizes of panels on normal and high-density screens.
pub(super) fn pixmaps_of(icon: Icon) -> Vec<ksni::Icon> {
    macro_rules! pixmaps {
        ($state:literal) => {
            [
                &include_bytes!(concat!("../../../../icons/tray/", $state, "-24.png"))[..],
                &include_bytes!(concat!("../../../../icons/tray/", $state, "-48.png"))[..],
            ]
        };
    }
    let pixmaps = match icon {
        Icon::Playing => pixmaps!("playing"),
        Icon::Paused => pixmaps!("paused"),
        Icon::Stopped => pixmaps!("stopped"),
    };
    pixmaps.into_iter().filter_map(decode).collect()
}

/// Decodes a PNG to ARGB, as the protocol requires.
fn decode(png: &[u8]) -> Option<ksni::Icon> {
    let mut reader = png::Decoder::new(Cursor::new(png)).read_info().ok()?;
    let mut data = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut data).ok()?;
    for pixel in data.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    Some(ksni::Icon { width: frame.width.try_into().ok()?, height: frame.height.try_into().ok()?, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_its_own_icon() {
        let icons = [Icon::Playing, Icon::Paused, Icon::Stopped].map(pixmaps_of);
        for pixmaps in &icons {
            let sizes: Vec<_> = pixmaps.iter().map(|icon| (icon.width, icon.height, icon.data.len())).collect();
            assert_eq!(sizes, [(24, 24, 24 * 24 * 4), (48, 48, 48 * 48 * 4)]);
        }
        assert!(icons[0][0].data != icons[1][0].data && icons[1][0].data != icons[2][0].data);
    }
}
