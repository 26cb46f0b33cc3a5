// Says under the field what the chosen files betray, before anything is sent: place, device, time,
// name. It reads the beginning and the end of each file here, in the browser, and sends nothing.
// What it finds is not all there is: the next page looks more closely. Without it the page is whole.
"use strict";
(() => {
  const FIRST = 1 << 20, LAST = 1 << 18, FACTS = 20, LONG = 80, ENTRIES = 200, BLOCKS = 20;
  const field = document.getElementById("file");
  const place = document.getElementById("seen");
  const latin = new TextDecoder("latin1");
  const KNOWN = /^(\xff\xd8\xff|\x89PNG|%PDF-|II\*\0|MM\0\*|RIFF....WEBP|....ftyp)/s;

  // --- pictures: Exif 2.32, a TIFF with tables of tags ---------------------------------------

  const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8];
  const TAGS = {
    0x10f: "device", 0x110: "device", 0x131: "device", 0xa431: "device", 0xa434: "device",
    0x13b: "author", 0x8298: "author", 0xa430: "author",
    0x132: "time", 0x9003: "time", 0x9004: "time",
  };
  const POINTERS = { 0x8769: false, 0x8825: true };

  const exif = (bytes, start, say) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + start);
    const little = view.getUint16(0) === 0x4949;
    const short = (at) => view.getUint16(at, little);
    const long = (at) => view.getUint32(at, little);
    const text = (at, size) => latin.decode(bytes.subarray(start + at, start + at + size));
    const degrees = (at) => [0, 8, 16].reduce(
      (sum, step, power) => sum + long(at + step) / long(at + step + 4) / 60 ** power, 0);
    const table = (at, isPlace, depth) => {
      const found = {};
      for (let entry = at + 2, left = Math.min(short(at), ENTRIES); left > 0; left--, entry += 12) {
        const tag = short(entry);
        const size = (SIZES[short(entry + 2)] || 0) * long(entry + 4);
        const value = size > 4 ? long(entry + 8) : entry + 8;
        if (isPlace) found[tag] = tag % 2 ? text(value, 1) : value;
        else if (tag in POINTERS && depth) table(long(entry + 8), POINTERS[tag], depth - 1);
        else if (tag in TAGS) say(TAGS[tag], text(value, Math.min(size, LONG)));
      }
      if (found[2] && found[4]) {
        const [north, east] = [degrees(found[2]), degrees(found[4])];
        say("place", `${north.toFixed(5)} ${found[1]}, ${east.toFixed(5)} ${found[3]}`);
      }
    };
    table(long(4), false, 1);
  };

  // --- what stands as text: XMP, papers, PNG, films ------------------------------------------

  const XMP = (names) => `<(?:${names})>\\s*(?:<rdf:\\w+>\\s*<rdf:li[^>]*>)?|\\b(?:${names})="`;
  const PAPER = (names) => `/(?:${names})\\s*[(<]`;
  const PATTERNS = [
    ["place", XMP("exif:GPSLatitude|exif:GPSLongitude|photoshop:City|photoshop:Country")],
    ["place", "location\\.ISO6709[^]{0,400}?(?=[+-]\\d\\d)|\xa9xyz[^]{4}"],
    ["device", XMP("tiff:Make|tiff:Model|xmp:CreatorTool|pdf:Producer|aux:SerialNumber")],
    ["device", `${PAPER("Creator|Producer")}|Software\\0|\xa9(?:mak|mod|swr)[^]{4}`],
    ["time", XMP("xmp:CreateDate|xmp:ModifyDate|exif:DateTimeOriginal")],
    ["time", `${PAPER("CreationDate|ModDate")}|Creation Time\\0|\xa9day[^]{4}`],
    ["author", XMP("dc:creator|dc:rights|photoshop:Credit")],
    ["author", `${PAPER("Author")}|Author\\0`],
  ].map(([category, pattern]) => [category, new RegExp(pattern, "g")]);
  const END = /[)<>"\0\x01-\x08]|$/;

  const decoded = (bytes) => {
    const wide = bytes[0] === 0xfe && bytes[1] === 0xff;
    return new TextDecoder(wide ? "utf-16be" : "utf-8").decode(bytes);
  };

  const written = (bytes, text, say) => {
    for (const [category, pattern] of PATTERNS) {
      let left = FACTS;
      for (const found of text.matchAll(pattern)) {
        const from = found.index + found[0].length;
        const wide = bytes[from] === 0xfe;
        const end = wide ? text.indexOf(")", from) - from : text.slice(from, from + LONG).search(END);
        say(category, decoded(bytes.subarray(from, from + Math.max(0, Math.min(end, LONG)))));
        if (!--left) break;
      }
    }
  };

  // --- one file --------------------------------------------------------------------------------

  // Days as they are read here, from the ways in which Exif, XMP and papers write them.
  const days = (text) => text
    .replace(/^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d).*/, "$1-$2-$3 $4:$5")
    .replace(/^(\d{4})[:-](\d\d)[:-](\d\d)/, "$3.$2.$1");

  const plain = (text) => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "").trim().slice(0, LONG);

  const look = async (file) => {
    const parts = [file.slice(0, FIRST)];
    if (file.size > FIRST) parts.push(file.slice(Math.max(FIRST, file.size - LAST)));
    const facts = new Map();
    const say = (category, value) => {
      const shown = category === "time" ? days(plain(value)) : plain(value);
      if (shown && facts.size < FACTS) facts.set(`${category} ${shown}`, [category, shown]);
    };
    let known = false;
    for (const part of parts) {
      const bytes = new Uint8Array(await part.arrayBuffer());
      const text = Array.from({ length: Math.ceil(bytes.length / 8192) }, (_, at) =>
        String.fromCharCode(...bytes.subarray(at * 8192, (at + 1) * 8192))).join("");
      known = known || KNOWN.test(text);
      let left = BLOCKS;
      for (const found of text.matchAll(/(?:Exif\0\0|eXIf|EXIF[^]{4}|^)(?=II\*\0|MM\0\*)/g)) {
        if (!left--) break;
        try {
          exif(bytes, found.index + found[0].length, say);
        } catch {
          // Broken tables tell nothing more.
        }
      }
      written(bytes, text, say);
    }
    return { known, facts: [...facts.values()] };
  };

  // --- the page --------------------------------------------------------------------------------

  const element = (name, text, ...inside) => {
    const made = document.createElement(name);
    made.textContent = text;
    made.append(...inside);
    return made;
  };

  const said = place.dataset;

  // One line for each kind of thing, as on the next page.
  const inShort = (facts) => ["place", "device", "time", "author"].flatMap((category) => {
    const values = facts.filter(([of]) => of === category).map(([, value]) => value);
    return values.length ? [element("li", "", element("strong", `${said[category]}: `),
      element("bdi", values.join(", ")))] : [];
  });

  const told = ({ size }, { known, facts }) => {
    if (!size || size > said.most) return element("p", size ? said.large : said.empty);
    if (!facts.length) return element("p", known ? said.nothing : said.unknown);
    const list = element("ul", "", ...inShort(facts));
    list.className = "found";
    return list;
  };

  const shown = (file, found) => {
    const section = element("section", "",
      element("h3", "", element("bdi", plain(file.name))), told(file, found));
    section.className = "file";
    return section;
  };

  let turn = 0;
  const tell = async () => {
    const mine = ++turn;
    const files = [...field.files].slice(0, said.count);
    const sections = field.files.length > files.length ? [element("p", said.many)] : [];
    for (const file of files) {
      try {
        sections.push(shown(file, await look(file)));
      } catch {
        sections.push(shown(file, { known: false, facts: [] }));
      }
      if (mine !== turn) return;
    }
    place.replaceChildren(...(files.length ? [element("p", said.here), ...sections] : []));
  };
  field.addEventListener("change", tell);
  if (field.files.length) tell();
})();
