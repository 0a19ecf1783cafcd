//! Mastering of the mix on the audio thread: one chain, or several for a moment while one takes over from another.

use auralis_dsp::{Activity, Chain, Frame, Parameters};
use rtrb::Producer;

use super::BLOCK_FRAMES;

/// Chains that may run at once: one that ends, one that takes over, and one more for a change in between.
const MAX_ACTIVE_CHAINS: usize = 3;

/// Crossfades between mastering chains.
pub struct ChainCrossfader {
    /// Oldest first. Never empty.
    active: Vec<ActiveChain>,
    /// The next chain to crossfade to, and its fade in frames.
    queued: Option<(Box<Chain>, u32)>,
    /// Chains to free on the control thread.
    retired_chains: Producer<Box<Chain>>,
    /// Latency of a chain in frames.
    latency: u64,
    /// Input frames so far.
    input_frames: u64,
}

struct ActiveChain {
    chain: Box<Chain>,
    /// Its first input frame.
    from: u64,
    /// Length of its fade-in, in frames.
    fade: u32,
}

impl ActiveChain {
    /// Its share of the output while `frame` is the input.
    fn mix_level(&self, frame: u64, latency: u64) -> f32 {
        match frame.checked_sub(self.from + latency) {
            None => 0.0,
            Some(age) if age < u64::from(self.fade) => (age + 1) as f32 / (self.fade + 1) as f32,
            Some(_) => 1.0,
        }
    }
}

impl ChainCrossfader {
    /// Creates a crossfader with a neutral chain.
    pub fn new(rate_hz: u32, retired_chains: Producer<Box<Chain>>) -> Self {
        let chain = Box::new(Chain::new(rate_hz, &Parameters::default()));
        let latency = chain.latency_frames() as u64;
        let mut active = Vec::with_capacity(MAX_ACTIVE_CHAINS);
        active.push(ActiveChain { chain, from: 0, fade: 0 });
        Self { active, queued: None, retired_chains, latency, input_frames: 0 }
    }

    /// Latency in frames.
    pub fn latency(&self) -> u64 {
        self.latency
    }

    /// Input frames so far.
    pub fn input_frames(&self) -> u64 {
        self.input_frames
    }

    /// Whether all chains that one command and one block may retire have room.
    pub fn has_room(&self) -> bool {
        self.retired_chains.slots() > 2 * MAX_ACTIVE_CHAINS
    }

    /// Activity of the newest chain.
    pub fn activity(&self) -> Activity {
        self.active.last().map_or_else(Activity::default, |newest| newest.chain.activity())
    }

    /// Starts a chain at frame `at` of the next block. It takes over within `fade` frames; with 0 each frame belongs to
    /// one chain.
    pub fn start_at(&mut self, chain: Box<Chain>, at: usize, fade: u32) {
        let replaced = self.queued.take().map(|(chain, _)| chain);
        self.discard(replaced);
        let new = ActiveChain { chain, from: self.input_frames + at as u64, fade };
        if self.active.len() < MAX_ACTIVE_CHAINS {
            self.active.push(new);
        } else if let Some(newest) = self.active.last_mut() {
            let replaced = std::mem::replace(newest, new);
            self.discard(Some(replaced.chain));
        }
    }

    /// Crossfades to a chain during playback. Queued while three chains run; a newer request replaces a queued one.
    pub fn crossfade_to(&mut self, chain: Box<Chain>, fade: u32) {
        if self.active.len() < MAX_ACTIVE_CHAINS {
            self.start_at(chain, 0, fade);
        } else {
            let replaced = self.queued.replace((chain, fade)).map(|(chain, _)| chain);
            self.discard(replaced);
        }
    }

    /// Resets the state after silence. The next input is processed by `chain`, or by the newest one.
    pub fn reset_to(&mut self, chain: Option<Box<Chain>>) {
        let chain = chain.or(self.queued.take().map(|(chain, _)| chain));
        while self.active.len() > 1 {
            let old = self.active.remove(0);
            self.discard(Some(old.chain));
        }
        if let Some(active) = self.active.last_mut() {
            (active.from, active.fade) = (self.input_frames, 0);
            match chain {
                Some(chain) => {
                    let old = std::mem::replace(&mut active.chain, chain);
                    self.discard(Some(old));
                }
                None => active.chain.reset(),
            }
        }
    }

    /// Processes the next frames of the mix, one block at most.
    pub fn process(&mut self, mix: &[Frame], out: &mut [Frame]) {
        let (input_frames, latency) = (self.input_frames, self.latency);
        let Some((oldest, followers)) = self.active.split_first_mut() else { return };
        oldest.chain.process(out);
        for follower in followers {
            let mut own = [[0.0; 2]; BLOCK_FRAMES];
            let own = &mut own[..mix.len()];
            own.copy_from_slice(mix);
            let from = follower.from.saturating_sub(input_frames).min(mix.len() as u64) as usize;
            follower.chain.process(&mut own[from..]);
            for ((at, out), own) in (input_frames..).zip(&mut *out).zip(own) {
                let mix_level = follower.mix_level(at, latency);
                if mix_level == 1.0 {
                    *out = *own;
                } else if mix_level > 0.0 {
                    *out = [0, 1].map(|side| out[side] + mix_level * (own[side] - out[side]));
                }
            }
        }
        self.input_frames += mix.len() as u64;
        self.drop_finished();
        if self.active.len() < MAX_ACTIVE_CHAINS
            && let Some((chain, fade)) = self.queued.take()
        {
            self.start_at(chain, 0, fade);
        }
    }

    /// Retires chains that another has completely replaced.
    fn drop_finished(&mut self) {
        while self.active.len() > 1
            && self.active[1..].iter().any(|follower| follower.mix_level(self.input_frames, self.latency) == 1.0)
            && !self.retired_chains.is_full()
        {
            let old = self.active.remove(0);
            self.discard(Some(old.chain));
        }
    }

    /// Sends a chain to the control thread, which frees it.
    pub fn discard(&mut self, chain: Option<Box<Chain>>) {
        if let Some(chain) = chain {
            // Never full: commands are handled only while there is room, and the control thread empties it.
            drop(self.retired_chains.push(chain));
        }
    }
}
