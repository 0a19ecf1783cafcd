//! The listener's volume, which scales the rooms and keeps their ratio.

use std::collections::HashMap;

use auralis_core::Room;

/// How loud each room is for the listener's volume.
#[derive(Debug, Default)]
pub struct Balance {
    /// The volume of a room at a listener's volume of 1; kept also where rounding or a limit hides it.
    weights: HashMap<String, f64>,
}

impl Balance {
    /// Takes in what the rooms are set to while the listener's volume is `master`, 0 to 100.
    pub fn learn(&mut self, rooms: &[Room], master: u8) {
        for room in rooms {
            if self.volume(&room.id, master) != Some(room.volume) {
                let full = if master == 0 { 100.0 } else { f64::from(master) };
                self.weights.insert(room.id.clone(), f64::from(room.volume) / full);
            }
        }
        self.weights.retain(|id, _| rooms.iter().any(|room| room.id == *id));
    }

    /// What a room has to be set to at a listener's volume; nothing for one that is not known.
    pub fn volume(&self, room: &str, master: u8) -> Option<u8> {
        let weight = self.weights.get(room)?;
        Some((weight * f64::from(master)).round().clamp(0.0, 100.0) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::Balance;
    use auralis_core::Room;

    fn room(id: &str, volume: u8) -> Room {
        Room { id: id.into(), volume, ..Room::default() }
    }

    #[test]
    fn rooms_keep_their_ratio_also_through_silence_and_limits() {
        let mut balance = Balance::default();
        let mut rooms = vec![room("a", 60), room("b", 20)];
        balance.learn(&rooms, 50);
        for master in [7, 0, 100, 1, 83] {
            for room in &mut rooms {
                room.volume = balance.volume(&room.id, master).expect("known");
            }
            balance.learn(&rooms, master);
        }
        assert_eq!((balance.volume("a", 50), balance.volume("b", 50)), (Some(60), Some(20)));
        assert_eq!(balance.volume("c", 50), None);
    }

    #[test]
    fn a_room_that_was_changed_has_another_ratio() {
        let mut balance = Balance::default();
        balance.learn(&[room("a", 60)], 60);
        balance.learn(&[room("a", 30)], 60);
        assert_eq!(balance.volume("a", 100), Some(50));
    }
}
