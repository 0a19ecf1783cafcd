//! Generated album covers: two flat shapes on a plain background, drawn by ffmpeg.

use std::path::Path;

use super::process::run;

const EDGE_PX: u32 = 480;

/// Coverage of a pixel by each of two shapes, the second in front: ffmpeg expressions of `X` and `Y`, 0 to 1.
pub type Shapes = [&'static str; 2];

pub const HARBOUR: Shapes = ["clip(92-hypot(X-310,Y-190),0,1)", "clip(Y-(330+14*sin(X/58)),0,1)"];
pub const HILLS: Shapes = ["clip(Y-(250+46*sin(X/95)),0,1)", "clip(Y-(345+34*sin(X/70+2)),0,1)"];
pub const WINDOW: Shapes = [
    "clip(128-abs(X-240),0,1)*clip(168-abs(Y-240),0,1)",
    "clip(128-abs(X-240),0,1)*clip(168-abs(Y-240),0,1)*clip(Y-X+40,0,1)",
];
pub const TIDE: Shapes = ["clip(Y-240,0,1)*clip(9*sin(Y/9),0,1)", "clip(70-hypot(X-240,Y-240),0,1)"];
pub const QUARTZ: Shapes =
    ["clip(190-abs(X-240)-abs(Y-240)*0.8,0,1)", "clip(190-abs(X-240)-abs(Y-240)*0.8,0,1)*clip(X-240-(Y-240)*0.2,0,1)"];
pub const RINGS: Shapes =
    ["clip(0.5+6*sin(hypot(X-240,Y-480)/13),0,1)*clip(380-hypot(X-240,Y-480),0,1)", "clip(46-hypot(X-240,Y-150),0,1)"];
pub const RAIN: Shapes = [
    "clip(0.5+7*sin((X+Y*0.35)/15),0,1)*clip(Y-90,0,1)*clip(390-Y,0,1)",
    "clip(0.5+7*sin((X+Y*0.35)/15),0,1)*clip(Y-240,0,1)*clip(390-Y,0,1)",
];
pub const LAMPS: Shapes = ["clip(105-hypot(X-175,Y-215),0,1)", "clip(105-hypot(X-305,Y-265),0,1)"];
pub const DOTS: Shapes = [
    "clip(15-hypot(mod(X,60)-30,mod(Y,60)-30),0,1)",
    "clip(15-hypot(mod(X,60)-30,mod(Y,60)-30),0,1)*clip(150-hypot(X-300,Y-180),0,1)",
];

/// Draws a cover. `colours` are `0xRRGGBB` of the background, which darkens slightly downwards, and of the two shapes.
pub fn draw(path: &Path, colours: [u32; 3], [behind, front]: Shapes) {
    let channel = |of: usize| {
        let [ground, first, second] = colours.map(|colour| colour.to_be_bytes()[of + 1]);
        format!("({ground}*(1-0.1*Y/{EDGE_PX})*(1-{behind})+{first}*{behind})*(1-{front})+{second}*{front}")
    };
    let picture = format!("nullsrc=s={EDGE_PX}x{EDGE_PX},geq=r='{}':g='{}':b='{}'", channel(0), channel(1), channel(2));
    let path = path.to_str().expect("UTF-8");
    run("ffmpeg", &["-v", "error", "-y", "-f", "lavfi", "-i", &picture, "-frames:v", "1", path]);
}
