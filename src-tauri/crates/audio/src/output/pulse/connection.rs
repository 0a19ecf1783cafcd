//! A connection to the sound server, used by one thread.

use std::{
    ffi::CString,
    io::{BufReader, Cursor, Read, Write},
    os::unix::net::UnixStream,
    time::Duration,
};

use pulseaudio::protocol::{
    self, AuthParams, AuthReply, Command, Descriptor, DescriptorFlags, MAX_VERSION, Prop, Props, ProtocolError,
    SetClientNameReply, TagStructRead, TagStructReader,
};

/// Timeout for replies of the server.
pub(super) const TIMEOUT: Duration = Duration::from_secs(2);

pub(super) struct Connection {
    socket: BufReader<UnixStream>,
    version: u16,
    incoming: Vec<u8>,
    /// Offset of the last reply in `incoming`.
    reply_start: usize,
    outgoing: Vec<u8>,
}

impl Connection {
    pub(super) fn open() -> Result<Self, ProtocolError> {
        let missing = || ProtocolError::Invalid("no sound server".into());
        let socket = UnixStream::connect(pulseaudio::socket_path_from_env().ok_or_else(missing)?)?;
        socket.set_read_timeout(Some(TIMEOUT))?;
        let mut connection = Self {
            socket: BufReader::new(socket),
            version: MAX_VERSION,
            incoming: Vec::new(),
            reply_start: 0,
            outgoing: Vec::new(),
        };
        let cookie = pulseaudio::cookie_path_from_env().and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
        let auth = AuthParams { version: MAX_VERSION, supports_shm: false, supports_memfd: false, cookie };
        let server: AuthReply = connection.request(Command::Auth(auth))?;
        connection.version = MAX_VERSION.min(server.version);
        let mut client = Props::new();
        client.set(Prop::ApplicationName, c"Auralis");
        client.set(Prop::ApplicationProcessId, CString::new(std::process::id().to_string()).unwrap_or_default());
        let _: SetClientNameReply = connection.request(Command::SetClientName(client))?;
        Ok(connection)
    }

    /// Clears the read timeout. Shutting down the returned socket ends a blocked read.
    pub(super) fn clear_read_timeout(&self) -> Result<UnixStream, ProtocolError> {
        self.socket.get_ref().set_read_timeout(None)?;
        Ok(self.socket.get_ref().try_clone()?)
    }

    /// Sends a request and waits for its reply.
    pub(super) fn request<R: TagStructRead>(&mut self, command: Command) -> Result<R, ProtocolError> {
        self.send(command)?;
        match self.receive()? {
            Command::Error(error) => Err(ProtocolError::ServerError(error)),
            _ => self.parse_reply(),
        }
    }

    pub(super) fn send(&mut self, command: Command) -> Result<(), ProtocolError> {
        self.outgoing.clear();
        // Replies arrive in the order of requests, so requests need no numbers.
        protocol::encode_command_message(&mut self.outgoing, 0, &command, self.version)?;
        Ok(self.socket.get_ref().write_all(&self.outgoing)?)
    }

    /// Sends samples to a stream in one message.
    pub(super) fn write_samples<const BYTES: usize>(
        &mut self,
        channel: u32,
        count: usize,
        samples: impl Iterator<Item = [u8; BYTES]>,
    ) -> Result<(), ProtocolError> {
        let length = count * BYTES;
        let descriptor = Descriptor { length: length as u32, channel, offset: 0, flags: DescriptorFlags::empty() };
        self.outgoing.clear();
        self.outgoing.resize(protocol::DESCRIPTOR_SIZE + length, 0);
        let (head, body) = self.outgoing.split_at_mut(protocol::DESCRIPTOR_SIZE);
        protocol::write_descriptor(&mut &mut *head, &descriptor)?;
        for (place, sample) in body.as_chunks_mut::<BYTES>().0.iter_mut().zip(samples) {
            *place = sample;
        }
        Ok(self.socket.get_ref().write_all(&self.outgoing)?)
    }

    /// Waits for the next message.
    pub(super) fn receive(&mut self) -> Result<Command, ProtocolError> {
        loop {
            let descriptor = protocol::read_descriptor(&mut self.socket)?;
            self.incoming.resize(descriptor.length as usize, 0);
            self.socket.read_exact(&mut self.incoming)?;
            let mut message = Cursor::new(&self.incoming[..]);
            match Command::read_tag_prefixed(&mut message, self.version) {
                Ok((_, command)) => {
                    self.reply_start = message.position() as usize;
                    return Ok(command);
                }
                // A newer server may send messages this client does not know.
                Err(error) => tracing::debug!(%error, "ignored an unknown message of the sound server"),
            }
        }
    }

    /// Parses the last message, a [`Command::Reply`].
    pub(super) fn parse_reply<R: TagStructRead>(&self) -> Result<R, ProtocolError> {
        let mut rest = &self.incoming[self.reply_start..];
        R::read(&mut TagStructReader::new(&mut rest, self.version), self.version)
    }
}
