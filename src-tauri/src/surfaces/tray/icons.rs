//! The icons, as pictures: a name would have to be installed, and not every desktop looks where we are.

use std::io::Cursor;

use super::model::Icon;

/// In the sizes of usual panels, and of panels on dense screens.
pub(super) fn of(icon: Icon) -> Vec<ksni::Icon> {
    macro_rules! pictures {
        ($state:literal) => {
            [
                &include_bytes!(concat!("../../../../icons/tray/", $state, "-24.png"))[..],
                &include_bytes!(concat!("../../../../icons/tray/", $state, "-48.png"))[..],
            ]
        };
    }
    let pictures = match icon {
        Icon::Playing => pictures!("playing"),
        Icon::Paused => pictures!("paused"),
        Icon::Stopped => pictures!("stopped"),
    };
    pictures.into_iter().filter_map(decode).collect()
}

/// ARGB, as the protocol wants it.
fn decode(picture: &[u8]) -> Option<ksni::Icon> {
    let mut reader = png::Decoder::new(Cursor::new(picture)).read_info().ok()?;
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
    fn each_state_has_an_icon_of_its_own() {
        let icons = [Icon::Playing, Icon::Paused, Icon::Stopped].map(of);
        for pictures in &icons {
            let sizes: Vec<_> = pictures.iter().map(|icon| (icon.width, icon.height, icon.data.len())).collect();
            assert_eq!(sizes, [(24, 24, 24 * 24 * 4), (48, 48, 48 * 48 * 4)]);
        }
        assert!(icons[0][0].data != icons[1][0].data && icons[1][0].data != icons[2][0].data);
    }
}
