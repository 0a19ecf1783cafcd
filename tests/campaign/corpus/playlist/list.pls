[playlist]
File1=001.flac
Title1=One
Length1=2
File2=/absolute/002.flac
NumberOfEntries=2
Version=2
