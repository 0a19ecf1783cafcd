//! The mastering of the mix on the audio thread: one chain, or for moments several, each taking over from the one before.

use auralis_dsp::{Activity, Chain, Parameters};
use rtrb::Producer;

use crate::{ring::Frame, source::BLOCK};

/// Chains that may run at once: one that leaves, one that has begun to take over, and one more change meanwhile.
const MOST: usize = 3;

/// The chains that run, and what they do to the mix.
pub struct Chains {
    /// The oldest first. There is always one.
    running: Vec<Running>,
    /// What shall take over as soon as there is a place, and in how many frames.
    waiting: Option<(Box<Chain>, u32)>,
    /// Where chains go that are not needed any more.
    spent: Producer<Box<Chain>>,
    /// Frames from what goes in to what comes out.
    latency: u64,
    /// Frames that went in.
    fed: u64,
}

struct Running {
    chain: Box<Chain>,
    /// The first frame that goes through it.
    from: u64,
    /// Frames in which it takes over.
    fade: u32,
}

impl Running {
    /// Its share of what leaves while `frame` goes in.
    fn share(&self, frame: u64, latency: u64) -> f32 {
        match frame.checked_sub(self.from + latency) {
            None => 0.0,
            Some(age) if age < u64::from(self.fade) => (age + 1) as f32 / (self.fade + 1) as f32,
            Some(_) => 1.0,
        }
    }
}

impl Chains {
    /// A chain that does nothing, and the way out for those that are not needed any more.
    pub fn new(rate_hz: u32, spent: Producer<Box<Chain>>) -> Self {
        let chain = Box::new(Chain::new(rate_hz, &Parameters::default()));
        let latency = chain.latency_frames() as u64;
        let mut running = Vec::with_capacity(MOST);
        running.push(Running { chain, from: 0, fade: 0 });
        Self { running, waiting: None, spent, latency, fed: 0 }
    }

    /// Frames from what goes in to what comes out.
    pub fn latency(&self) -> u64 {
        self.latency
    }

    /// Frames that went in.
    pub fn fed(&self) -> u64 {
        self.fed
    }

    /// Whether there is room for what one cue and one block may make superfluous.
    pub fn has_room(&self) -> bool {
        self.spent.slots() > 2 * MOST
    }

    /// What the newest chain does at this moment.
    pub fn activity(&self) -> Activity {
        self.running.last().map_or_else(Activity::default, |newest| newest.chain.activity())
    }

    /// From frame `at` of the next block on, this chain masters what goes in. It takes over from the others in so many
    /// frames; in none, each frame belongs to one of them.
    pub fn follow(&mut self, chain: Box<Chain>, at: usize, fade: u32) {
        let unwanted = self.waiting.take().map(|(chain, _)| chain);
        self.discard(unwanted);
        let new = Running { chain, from: self.fed + at as u64, fade };
        if self.running.len() < MOST {
            self.running.push(new);
        } else if let Some(newest) = self.running.last_mut() {
            let replaced = std::mem::replace(newest, new);
            self.discard(Some(replaced.chain));
        }
    }

    /// The same for sound that goes on: as soon as there is a place, and not at all if another is wanted before.
    pub fn change(&mut self, chain: Box<Chain>, fade: u32) {
        if self.running.len() < MOST {
            self.follow(chain, 0, fade);
        } else {
            let unwanted = self.waiting.replace((chain, fade)).map(|(chain, _)| chain);
            self.discard(unwanted);
        }
    }

    /// Nothing that went in is heard any more. What goes in next is mastered by this chain, if it is another.
    pub fn restart(&mut self, chain: Option<Box<Chain>>) {
        let chain = chain.or(self.waiting.take().map(|(chain, _)| chain));
        while self.running.len() > 1 {
            let old = self.running.remove(0);
            self.discard(Some(old.chain));
        }
        if let Some(running) = self.running.last_mut() {
            (running.from, running.fade) = (self.fed, 0);
            match chain {
                Some(chain) => {
                    let old = std::mem::replace(&mut running.chain, chain);
                    self.discard(Some(old));
                }
                None => running.chain.reset(),
            }
        }
    }

    /// Masters the next frames of the mix, at most a block of them.
    pub fn process(&mut self, mix: &[Frame], out: &mut [Frame]) {
        let (fed, latency) = (self.fed, self.latency);
        let Some((oldest, followers)) = self.running.split_first_mut() else { return };
        oldest.chain.process(out);
        for follower in followers {
            let mut own = [[0.0; 2]; BLOCK];
            let own = &mut own[..mix.len()];
            own.copy_from_slice(mix);
            let from = follower.from.saturating_sub(fed).min(mix.len() as u64) as usize;
            follower.chain.process(&mut own[from..]);
            for ((at, out), own) in (fed..).zip(&mut *out).zip(own) {
                let share = follower.share(at, latency);
                if share == 1.0 {
                    *out = *own;
                } else if share > 0.0 {
                    *out = [0, 1].map(|side| out[side] + share * (own[side] - out[side]));
                }
            }
        }
        self.fed += mix.len() as u64;
        self.retire();
        if self.running.len() < MOST
            && let Some((chain, fade)) = self.waiting.take()
        {
            self.follow(chain, 0, fade);
        }
    }

    /// Lets go of those from which another has wholly taken over.
    fn retire(&mut self) {
        while self.running.len() > 1
            && self.running[1..].iter().any(|follower| follower.share(self.fed, self.latency) == 1.0)
            && !self.spent.is_full()
        {
            let old = self.running.remove(0);
            self.discard(Some(old.chain));
        }
    }

    /// Has a chain freed elsewhere.
    pub fn discard(&mut self, chain: Option<Box<Chain>>) {
        if let Some(chain) = chain {
            // There is room: cues are followed only while there is, and the control thread empties it.
            drop(self.spent.push(chain));
        }
    }
}
