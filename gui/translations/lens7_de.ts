<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AboutSheet</name>
    <message>
        <source>About Lens7</source>
        <translation>Über Lens7</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy versions and licences</source>
        <translation>Versionen und Lizenzen kopieren</translation>
    </message>
    <message>
        <source>Live camera object recognition on an emulated TI Jacinto 7. Apache-2.0.</source>
        <translation>Objekterkennung im Kamerabild auf einem emulierten TI Jacinto 7. Apache-2.0.</translation>
    </message>
    <message>
        <source>Shipped files</source>
        <translation>Mitgelieferte Dateien</translation>
    </message>
    <message>
        <source>Shipped files and their licences</source>
        <translation>Mitgelieferte Dateien und ihre Lizenzen</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>Versionen</translation>
    </message>
</context>
<context>
    <name>AlarmCard</name>
    <message>
        <source>alarm</source>
        <translation>Alarm</translation>
    </message>
</context>
<context>
    <name>Around</name>
    <message>
        <source>Batch</source>
        <translation>Stapel</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>Statistik</translation>
    </message>
    <message>
        <source>model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>source</source>
        <translation>Quelle</translation>
    </message>
</context>
<context>
    <name>BatchPanel</name>
    <message>
        <source>Drop a folder of pictures.</source>
        <translation>Legen Sie einen Ordner mit Bildern ab.</translation>
    </message>
    <message>
        <source>Export as CSV or JSON</source>
        <translation>Als CSV oder JSON exportieren</translation>
    </message>
    <message>
        <source>Export as CSV or JSON…</source>
        <translation>Als CSV oder JSON exportieren …</translation>
    </message>
    <message>
        <source>Files of the batch</source>
        <translation>Dateien des Stapels</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>Reihenfolge</translation>
    </message>
    <message>
        <source>Truth from names</source>
        <translation>Wahrheit aus Namen</translation>
    </message>
    <message>
        <source>What a picture shows, by the leading digits of its name (0504_cup.jpg) or by its sub-folder: digits, the class&apos;s name, or its place among as many folders as classes.</source>
        <translation>Was ein Bild zeigt: nach den ersten Ziffern seines Namens (0504_cup.jpg) oder nach seinem Unterordner: Ziffern, der Name der Klasse oder sein Platz unter so vielen Ordnern wie Klassen.</translation>
    </message>
    <message>
        <source>no ground truth: {reason}</source>
        <translation>keine Wahrheit bekannt: {reason}</translation>
    </message>
    <message>
        <source>{path} is written.</source>
        <translation>{path} ist geschrieben.</translation>
    </message>
    <message>
        <source>{right} of {judged} right, {share:.1f} %</source>
        <translation>{right} von {judged} richtig, {share:.1f} %</translation>
    </message>
</context>
<context>
    <name>BenchFace</name>
    <message>
        <source>Device, modelled</source>
        <translation>Chip, modelliert</translation>
    </message>
    <message>
        <source>Latency by stage</source>
        <translation>Latenz nach Stufen</translation>
    </message>
    <message>
        <source>Numbers</source>
        <translation>Zahlen</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
</context>
<context>
    <name>BenchToolbar</name>
    <message>
        <source>Kernels</source>
        <translation>Kernel</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>Menü</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>Rezept</translation>
    </message>
    <message>
        <source>Record what the network sees</source>
        <translation>Aufzeichnen, was das Netz sieht</translation>
    </message>
    <message>
        <source>SoC</source>
        <translation>SoC</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Stop recording</source>
        <translation>Aufzeichnung beenden</translation>
    </message>
    <message>
        <source>Toolbar</source>
        <translation>Werkzeugleiste</translation>
    </message>
</context>
<context>
    <name>CameraFeeder</name>
    <message>
        <source>camera setups that make no sense are left out: {names}; set them up again</source>
        <translation>Kameraeinstellungen ohne Sinn bleiben weg: {names}; stellen Sie diese neu ein</translation>
    </message>
</context>
<context>
    <name>CameraList</name>
    <message>
        <source>Cameras</source>
        <translation>Kameras</translation>
    </message>
    <message>
        <source>cannot be opened</source>
        <translation>lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>click to open</source>
        <translation>zum Öffnen klicken</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>in Gebrauch</translation>
    </message>
</context>
<context>
    <name>CameraPanel</name>
    <message>
        <source>Choose a region on the picture</source>
        <translation>Ausschnitt auf dem Bild wählen</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>Belichtung</translation>
    </message>
    <message>
        <source>Focus</source>
        <translation>Schärfe</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>Spiegeln</translation>
    </message>
    <message>
        <source>No camera found. Plug one in; it appears here by itself.</source>
        <translation>Keine Kamera gefunden. Stecken Sie eine ein; sie erscheint hier von selbst.</translation>
    </message>
    <message>
        <source>Open a camera to set it up.</source>
        <translation>Öffnen Sie eine Kamera, um sie einzustellen.</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Rate</translation>
    </message>
    <message>
        <source>Resolution</source>
        <translation>Auflösung</translation>
    </message>
    <message>
        <source>Turn by 90°</source>
        <translation>Um 90° drehen</translation>
    </message>
    <message>
        <source>Whole picture, as the camera gives it</source>
        <translation>Ganzes Bild, wie die Kamera es gibt</translation>
    </message>
    <message>
        <source>as the camera gives it</source>
        <translation>wie die Kamera es gibt</translation>
    </message>
    <message>
        <source>common modes; the camera may give another</source>
        <translation>übliche Modi; die Kamera gibt vielleicht einen anderen</translation>
    </message>
    <message>
        <source>gives {detail}</source>
        <translation>gibt {detail}</translation>
    </message>
    <message>
        <source>mirrored</source>
        <translation>gespiegelt</translation>
    </message>
    <message>
        <source>region {w:.0f} % × {h:.0f} %</source>
        <translation>Ausschnitt {w:.0f} % × {h:.0f} %</translation>
    </message>
    <message>
        <source>turned {degrees}°</source>
        <translation>{degrees}° gedreht</translation>
    </message>
</context>
<context>
    <name>CandidateCard</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Checked and compiled.</source>
        <translation>Geprüft und übersetzt.</translation>
    </message>
    <message>
        <source>Checking: {stage}</source>
        <translation>Prüfung: {stage}</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>Prüfung läuft …</translation>
    </message>
    <message>
        <source>One name for every class.</source>
        <translation>Ein Name für jede Klasse.</translation>
    </message>
    <message>
        <source>Progress of the check</source>
        <translation>Fortschritt der Prüfung</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Verwenden</translation>
    </message>
</context>
<context>
    <name>ChecksSheet</name>
    <message>
        <source>Check again</source>
        <translation>Erneut prüfen</translation>
    </message>
    <message>
        <source>Check this machine</source>
        <translation>Diesen Rechner prüfen</translation>
    </message>
    <message>
        <source>Checking…</source>
        <translation>Prüfung läuft …</translation>
    </message>
    <message>
        <source>Everything is there.</source>
        <translation>Alles ist da.</translation>
    </message>
    <message>
        <source>Things that need a look: {n}.</source>
        <translation>Punkte, die einen Blick brauchen: {n}.</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>fehlt</translation>
    </message>
    <message>
        <source>ok</source>
        <translation>in Ordnung</translation>
    </message>
</context>
<context>
    <name>CloudPanel</name>
    <message>
        <source>A real function in a process of its own on this computer; the network to it is simulated.</source>
        <translation>Eine echte Funktion in einem eigenen Prozess auf diesem Rechner; das Netz dorthin ist simuliert.</translation>
    </message>
    <message>
        <source>Ask a cloud function too</source>
        <translation>Auch eine Cloud-Funktion fragen</translation>
    </message>
    <message>
        <source>Cloud, float</source>
        <translation>Cloud, Gleitkomma</translation>
    </message>
    <message>
        <source>Edge, 8 bit</source>
        <translation>Vor Ort, 8 Bit</translation>
    </message>
    <message>
        <source>Latency, last minute</source>
        <translation>Latenz, letzte Minute</translation>
    </message>
    <message>
        <source>Make it cold</source>
        <translation>Kalt machen</translation>
    </message>
    <message>
        <source>Pull the plug</source>
        <translation>Stecker ziehen</translation>
    </message>
    <message>
        <source>Put the plug back</source>
        <translation>Stecker wieder einstecken</translation>
    </message>
    <message>
        <source>The curves begin with the first answer.</source>
        <translation>Die Kurven beginnen mit der ersten Antwort.</translation>
    </message>
    <message>
        <source>The next request finds the function not running and starts it.</source>
        <translation>Die nächste Anfrage findet die Funktion nicht laufend vor und startet sie.</translation>
    </message>
    <message>
        <source>cloud</source>
        <translation>Cloud</translation>
    </message>
    <message>
        <source>cloud, partly simulated</source>
        <translation>Cloud, teils simuliert</translation>
    </message>
    <message>
        <source>edge</source>
        <translation>vor Ort</translation>
    </message>
    <message>
        <source>edge and cloud</source>
        <translation>vor Ort und Cloud</translation>
    </message>
    <message>
        <source>edge, measured</source>
        <translation>vor Ort, gemessen</translation>
    </message>
    <message>
        <source>simulated</source>
        <translation>simuliert</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>A few letters of a command, a source or a model</source>
        <translation>Einige Buchstaben eines Befehls, einer Quelle oder eines Modells</translation>
    </message>
    <message>
        <source>Find a command</source>
        <translation>Befehl suchen</translation>
    </message>
    <message>
        <source>Matching commands</source>
        <translation>Passende Befehle</translation>
    </message>
    <message>
        <source>Nothing is called that; type fewer letters.</source>
        <translation>Nichts heißt so; tippen Sie weniger Buchstaben.</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>About Lens7</source>
        <translation>Über Lens7</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Back to live</source>
        <translation>Zurück zum Livebild</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Stapel</translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation>Kameras</translation>
    </message>
    <message>
        <source>Check this machine</source>
        <translation>Diesen Rechner prüfen</translation>
    </message>
    <message>
        <source>Device: steps of the chip, modelled</source>
        <translation>Chip: seine Schritte, modelliert</translation>
    </message>
    <message>
        <source>Edge against cloud</source>
        <translation>Vor Ort gegen Cloud</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Find a command…</source>
        <translation>Befehl suchen …</translation>
    </message>
    <message>
        <source>Float against 8 bit</source>
        <translation>Gleitkomma gegen 8 Bit</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Guided tour</source>
        <translation>Führung</translation>
    </message>
    <message>
        <source>Hard conditions</source>
        <translation>Schwierige Bedingungen</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Light or dark</source>
        <translation>Hell oder dunkel</translation>
    </message>
    <message>
        <source>Next picture</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>Open a folder…</source>
        <translation>Ordner öffnen …</translation>
    </message>
    <message>
        <source>Open files…</source>
        <translation>Dateien öffnen …</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Previous picture</source>
        <translation>Voriges Bild</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Quiz: beat the machine</source>
        <translation>Quiz: schlagen Sie die Maschine</translation>
    </message>
    <message>
        <source>Record what the network sees</source>
        <translation>Aufzeichnen, was das Netz sieht</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Show or Bench</source>
        <translation>Schau oder Werkbank</translation>
    </message>
    <message>
        <source>Smoothed labels</source>
        <translation>Geglättete Namen</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>Statistik</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
</context>
<context>
    <name>ComparePanel</name>
    <message>
        <source>8 bit</source>
        <translation>8 Bit</translation>
    </message>
    <message>
        <source>Agreement, last minute</source>
        <translation>Übereinstimmung, letzte Minute</translation>
    </message>
    <message>
        <source>Compare with the float network</source>
        <translation>Mit dem Gleitkomma-Netz vergleichen</translation>
    </message>
    <message>
        <source>Float</source>
        <translation>Gleitkomma</translation>
    </message>
    <message>
        <source>Frames that disagree, kept in memory only</source>
        <translation>Bilder, die nicht übereinstimmen, nur im Speicher gehalten</translation>
    </message>
    <message>
        <source>Runs the network before quantization on the same frames, in a process of its own.</source>
        <translation>Rechnet das Netz vor der Quantisierung auf denselben Bildern, in einem eigenen Prozess.</translation>
    </message>
    <message>
        <source>The curve begins with the first compared frames.</source>
        <translation>Die Kurve beginnt mit den ersten verglichenen Bildern.</translation>
    </message>
    <message>
        <source>agree</source>
        <translation>gleich</translation>
    </message>
    <message>
        <source>agreement</source>
        <translation>Übereinstimmung</translation>
    </message>
    <message>
        <source>run: float {float} ms, 8 bit {device} ms, measured here</source>
        <translation>Lauf: Gleitkomma {float} ms, 8 Bit {device} ms, hier gemessen</translation>
    </message>
    <message>
        <source>of the last minute&apos;s frames get the same first label</source>
        <translation>der Bilder der letzten Minute bekommen denselben ersten Namen</translation>
    </message>
</context>
<context>
    <name>ComparisonRow</name>
    <message>
        <source>No latency of this network on {chip} is published.</source>
        <translation>Für dieses Netz auf {chip} ist keine Latenz veröffentlicht.</translation>
    </message>
    <message>
        <source>latency of the chip as it is made, modelled</source>
        <translation>Latenz des Chips, wie er gebaut wird, modelliert</translation>
    </message>
    <message>
        <source>not modelled</source>
        <translation>nicht modelliert</translation>
    </message>
    <message>
        <source>published latency</source>
        <translation>veröffentlichte Latenz</translation>
    </message>
    <message>
        <source>source: {first}</source>
        <translation>Quelle: {first}</translation>
    </message>
    <message>
        <source>{ms} ms modelled</source>
        <translation>{ms} ms modelliert</translation>
    </message>
    <message>
        <source>{ms} ms published</source>
        <translation>{ms} ms veröffentlicht</translation>
    </message>
    <message>
        <source>{network} on {chip} as made, one core</source>
        <translation>{network} auf {chip}, wie er gebaut wird, ein Kern</translation>
    </message>
</context>
<context>
    <name>ConditionsPanel</name>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Reset hard conditions</source>
        <translation>Schwierige Bedingungen zurücksetzen</translation>
    </message>
    <message>
        <source>probability of the first label, last 30 s</source>
        <translation>Wahrscheinlichkeit des ersten Namens, letzte 30 s</translation>
    </message>
</context>
<context>
    <name>ConfidencePlot</name>
    <message>
        <source>Probability of the first label, last 30 s</source>
        <translation>Wahrscheinlichkeit des ersten Namens, letzte 30 s</translation>
    </message>
</context>
<context>
    <name>ControlRow</name>
    <message>
        <source>automatic</source>
        <translation>automatisch</translation>
    </message>
    <message>
        <source>not offered</source>
        <translation>nicht angeboten</translation>
    </message>
    <message>
        <source>{control}: automatic</source>
        <translation>{control}: automatisch</translation>
    </message>
</context>
<context>
    <name>Device</name>
    <message>
        <source>A72 model</source>
        <translation>A72-Modell</translation>
    </message>
    <message>
        <source>DDR per frame: {read} read, {written} written</source>
        <translation>DDR je Bild: {read} gelesen, {written} geschrieben</translation>
    </message>
    <message>
        <source>MMA</source>
        <translation>MMA</translation>
    </message>
    <message>
        <source>More than {enough} GB/s changes nothing: the core&apos;s own DMA is the limit.</source>
        <translation>Mehr als {enough} GB/s ändert nichts: der DMA des Kerns ist die Grenze.</translation>
    </message>
    <message>
        <source>The chip would take {times} × this laptop&apos;s time.</source>
        <translation>Der Chip bräuchte das {times}-Fache der Zeit dieses Rechners.</translation>
    </message>
    <message>
        <source>The modelled time is {accuracy}.</source>
        <translation>Die modellierte Zeit ist {accuracy}.</translation>
    </message>
    <message>
        <source>The part on the C7x takes {ms} ms, modelled.</source>
        <translation>Der Teil auf dem C7x braucht {ms} ms, modelliert.</translation>
    </message>
    <message>
        <source>core loop {core} · whole network {network} of the MMA&apos;s peak</source>
        <translation>innere Schleife {core} · ganzes Netz {network} der MMA-Spitze</translation>
    </message>
    <message>
        <source>left-out error {median} on {chip}, at worst {worst}</source>
        <translation>Fehler ohne eigenen Messwert {median} auf {chip}, schlimmstens {worst}</translation>
    </message>
    <message>
        <source>lies in the chip&apos;s memory since loading and takes no time per frame</source>
        <translation>liegt seit dem Laden im Speicher des Chips und kostet je Bild keine Zeit</translation>
    </message>
    <message>
        <source>mailbox</source>
        <translation>Mailbox</translation>
    </message>
    <message>
        <source>median of {n}: {low}–{high} ms</source>
        <translation>Median von {n}: {low}–{high} ms</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>messages between the A72 and the C7x, and the set-up of every layer</source>
        <translation>Nachrichten zwischen A72 und C7x und das Einrichten jeder Schicht</translation>
    </message>
    <message>
        <source>modelled share of a frame&apos;s time: {shares}</source>
        <translation>modellierter Anteil an der Zeit eines Bildes: {shares}</translation>
    </message>
    <message>
        <source>not modelled: part of this network runs on the A72: {first}</source>
        <translation>nicht modelliert: ein Teil dieses Netzes läuft auf dem A72: {first}</translation>
    </message>
    <message>
        <source>part of it runs on the A72</source>
        <translation>ein Teil läuft auf dem A72</translation>
    </message>
    <message>
        <source>result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>runtime</source>
        <translation>Laufzeit</translation>
    </message>
    <message>
        <source>the A72 copies the picture to the C7x</source>
        <translation>der A72 kopiert das Bild zum C7x</translation>
    </message>
    <message>
        <source>the A72 copies the scores back</source>
        <translation>der A72 kopiert die Werte zurück</translation>
    </message>
    <message>
        <source>the C7x waits for DMA from DDR and MSMC</source>
        <translation>der C7x wartet auf den DMA aus DDR und MSMC</translation>
    </message>
    <message>
        <source>the matrix unit and the vector unit compute</source>
        <translation>Matrixeinheit und Vektoreinheit rechnen</translation>
    </message>
    <message>
        <source>the only figure</source>
        <translation>die einzige Zahl</translation>
    </message>
    <message>
        <source>{known}; unknown for a what-if</source>
        <translation>{known}; unbekannt für ein Was-wäre-wenn</translation>
    </message>
    <message>
        <source>{percent} %</source>
        <translation>{percent} %</translation>
    </message>
    <message>
        <source>{text}; and {n} more</source>
        <translation>{text}; und {n} weitere</translation>
    </message>
</context>
<context>
    <name>DeviceClocks</name>
    <message>
        <source>this laptop, network run</source>
        <translation>dieser Rechner, Netzlauf</translation>
    </message>
</context>
<context>
    <name>DevicePanel</name>
    <message>
        <source>Layers, modelled time</source>
        <translation>Schichten, modellierte Zeit</translation>
    </message>
    <message>
        <source>Nothing is modelled yet: the chip&apos;s time is known once a model is compiled.</source>
        <translation>Noch ist nichts modelliert: Die Zeit des Chips ist bekannt, sobald ein Modell übersetzt ist.</translation>
    </message>
    <message>
        <source>One frame, step by step, modelled</source>
        <translation>Ein Bild, Schritt für Schritt, modelliert</translation>
    </message>
    <message>
        <source>Published beside modelled</source>
        <translation>Veröffentlicht neben modelliert</translation>
    </message>
    <message>
        <source>Roofline, modelled</source>
        <translation>Roofline, modelliert</translation>
    </message>
    <message>
        <source>What if the chip were another, modelled</source>
        <translation>Was wäre mit einem anderen Chip, modelliert</translation>
    </message>
    <message>
        <source>longest: </source>
        <translation>längste: </translation>
    </message>
    <message>
        <source>not modelled</source>
        <translation>nicht modelliert</translation>
    </message>
    <message>
        <source>pinned: </source>
        <translation>festgehalten: </translation>
    </message>
    <message>
        <source>{chip}, one frame</source>
        <translation>{chip}, ein Bild</translation>
    </message>
</context>
<context>
    <name>DisagreementList</name>
    <message>
        <source>Frames that float and 8 bit name differently</source>
        <translation>Bilder, die Gleitkomma und 8 Bit verschieden benennen</translation>
    </message>
    <message>
        <source>float: {float}
8 bit: {device}
cosine {cosine:.4f}</source>
        <translation>Gleitkomma: {float}
8 Bit: {device}
Kosinus {cosine:.4f}</translation>
    </message>
</context>
<context>
    <name>DockTitle</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Let it float, or put it back</source>
        <translation>Ablösen oder wieder andocken</translation>
    </message>
</context>
<context>
    <name>DropVeil</name>
    <message>
        <source>Let go to look at it</source>
        <translation>Loslassen zum Ansehen</translation>
    </message>
</context>
<context>
    <name>DropZone</name>
    <message>
        <source>Open files</source>
        <translation>Dateien öffnen</translation>
    </message>
    <message>
        <source>Open files…</source>
        <translation>Dateien öffnen …</translation>
    </message>
</context>
<context>
    <name>Guide</name>
    <message>
        <source>{error}; install Lens7 again</source>
        <translation>{error}; installieren Sie Lens7 neu</translation>
    </message>
</context>
<context>
    <name>GuidePanel</name>
    <message>
        <source>Choice {n}</source>
        <translation>Antwort {n}</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>Verlassen</translation>
    </message>
    <message>
        <source>Leave  (Esc)</source>
        <translation>Verlassen  (Esc)</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Previous</source>
        <translation>Zurück</translation>
    </message>
</context>
<context>
    <name>HistoryPanel</name>
    <message>
        <source>Day</source>
        <translation>Tag</translation>
    </message>
    <message>
        <source>Events of the day</source>
        <translation>Ereignisse des Tages</translation>
    </message>
    <message>
        <source>Frames as CSV…</source>
        <translation>Bilder als CSV …</translation>
    </message>
    <message>
        <source>Measured: every frame</source>
        <translation>Gemessen: jedes Bild</translation>
    </message>
    <message>
        <source>Measured: p50, p95, p99 by the minute</source>
        <translation>Gemessen: p50, p95, p99 je Minute</translation>
    </message>
    <message>
        <source>No events.</source>
        <translation>Keine Ereignisse.</translation>
    </message>
    <message>
        <source>Nothing was recorded yet. History keeps times and labels, never pictures.</source>
        <translation>Noch ist nichts aufgezeichnet. Der Verlauf behält Zeiten und Namen, niemals Bilder.</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>Bericht …</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>frame</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>frames shown: {shown}, dropped: {dropped}, minutes: {minutes}, events: {events}</source>
        <translation>Bilder gezeigt: {shown}, verworfen: {dropped}, Minuten: {minutes}, Ereignisse: {events}</translation>
    </message>
    <message>
        <source>history</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>{path} is written.</source>
        <translation>{path} ist geschrieben.</translation>
    </message>
</context>
<context>
    <name>Kiosk</name>
    <message>
        <source>Kiosk: {chord} ends it.</source>
        <translation>Kiosk: {chord} beendet ihn.</translation>
    </message>
</context>
<context>
    <name>LabelLetters</name>
    <message>
        <source>{model}: {boxed} of {all} labels show boxes, no font has their letters; install a font such as {package}, start Lens7 again ({letter})</source>
        <translation>{model}: {boxed} von {all} Namen zeigen Kästchen, keine Schrift hat ihre Zeichen; installieren Sie eine wie {package}, starten Sie Lens7 neu ({letter})</translation>
    </message>
</context>
<context>
    <name>Language</name>
    <message>
        <source>.</source>
        <translation>,</translation>
    </message>
    <message>
        <source>en</source>
        <translation>de</translation>
    </message>
</context>
<context>
    <name>LatencyPanel</name>
    <message>
        <source>30 s ago</source>
        <translation>vor 30 s</translation>
    </message>
    <message>
        <source>60 s ago</source>
        <translation>vor 60 s</translation>
    </message>
    <message>
        <source>measured on this laptop, last 60 s</source>
        <translation>auf diesem Rechner gemessen, letzte 60 s</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>{stage}, measured, last 60 s</source>
        <translation>{stage}, gemessen, letzte 60 s</translation>
    </message>
</context>
<context>
    <name>LayerBars</name>
    <message>
        <source>Layers, modelled time</source>
        <translation>Schichten, modellierte Zeit</translation>
    </message>
    <message>
        <source>layer 1</source>
        <translation>Schicht 1</translation>
    </message>
</context>
<context>
    <name>LayerFacts</name>
    <message>
        <source>Chosen layer</source>
        <translation>Gewählte Schicht</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Cameras</source>
        <translation>Kameras</translation>
    </message>
</context>
<context>
    <name>MessageLine</name>
    <message>
        <source>Newest message</source>
        <translation>Neueste Meldung</translation>
    </message>
    <message>
        <source>No messages.</source>
        <translation>Keine Meldungen.</translation>
    </message>
</context>
<context>
    <name>MessageStrip</name>
    <message>
        <source>Messages, newest first</source>
        <translation>Meldungen, neueste zuerst</translation>
    </message>
    <message>
        <source>Show earlier messages</source>
        <translation>Frühere Meldungen zeigen</translation>
    </message>
</context>
<context>
    <name>Messages</name>
    <message>
        <source>Demo pictures</source>
        <translation>Demobilder</translation>
    </message>
    <message>
        <source>Qt libraries</source>
        <translation>Qt-Bibliotheken</translation>
    </message>
    <message>
        <source>Synthetic, 60 fps</source>
        <translation>Künstlich, 60 fps</translation>
    </message>
    <message>
        <source>a picture of {width} × {height} is no JPEG</source>
        <translation>ein Bild von {width} × {height} wird kein JPEG</translation>
    </message>
    <message>
        <source>alarm command left out: {count} others wait for it already</source>
        <translation>Alarmbefehl ausgelassen: {count} andere warten schon auf ihn</translation>
    </message>
    <message>
        <source>alarm command {command!r}: there is no program {program!r}; give its full path</source>
        <translation>Alarmbefehl {command!r}: es gibt kein Programm {program!r}; geben Sie den vollen Pfad an</translation>
    </message>
    <message>
        <source>alarm command {command!r}: {error}</source>
        <translation>Alarmbefehl {command!r}: {error}</translation>
    </message>
    <message>
        <source>alarm command {program}: {problem}</source>
        <translation>Alarmbefehl {program}: {problem}</translation>
    </message>
    <message>
        <source>all of them</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>an answer that makes no sense ({reason})</source>
        <translation>eine Antwort ohne Sinn ({reason})</translation>
    </message>
    <message>
        <source>any</source>
        <translation>ein beliebiger Wert</translation>
    </message>
    <message>
        <source>between {low} and {high}</source>
        <translation>zwischen {low} und {high}</translation>
    </message>
    <message>
        <source>broken names</source>
        <translation>unlesbare Namen</translation>
    </message>
    <message>
        <source>cache</source>
        <translation>Zwischenspeicher</translation>
    </message>
    <message>
        <source>cache {folder}: {problem}; the model is compiled for this run only</source>
        <translation>Zwischenspeicher {folder}: {problem}; das Modell wird nur für diesen Lauf übersetzt</translation>
    </message>
    <message>
        <source>camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>camera {identity!r} is not plugged in; found: {names}</source>
        <translation>Kamera {identity!r} ist nicht eingesteckt; gefunden: {names}</translation>
    </message>
    <message>
        <source>cameras</source>
        <translation>Kameras</translation>
    </message>
    <message>
        <source>cloud function: {text}</source>
        <translation>Cloud-Funktion: {text}</translation>
    </message>
    <message>
        <source>compilation cancelled</source>
        <translation>Übersetzung abgebrochen</translation>
    </message>
    <message>
        <source>compiling {model} failed: {reason}</source>
        <translation>Übersetzen von {model} fehlgeschlagen: {reason}</translation>
    </message>
    <message>
        <source>complete for the platform {platform}</source>
        <translation>vollständig für die Plattform {platform}</translation>
    </message>
    <message>
        <source>connection lost ({reason})</source>
        <translation>Verbindung verloren ({reason})</translation>
    </message>
    <message>
        <source>demo pictures</source>
        <translation>Demobilder</translation>
    </message>
    <message>
        <source>demo pictures: none in {folder}; install Lens7 again</source>
        <translation>Demobilder: keine in {folder}; installieren Sie Lens7 neu</translation>
    </message>
    <message>
        <source>demo pictures: {error}; install Lens7 again</source>
        <translation>Demobilder: {error}; installieren Sie Lens7 neu</translation>
    </message>
    <message>
        <source>display</source>
        <translation>Anzeige</translation>
    </message>
    <message>
        <source>ended with status {status}</source>
        <translation>endete mit Status {status}</translation>
    </message>
    <message>
        <source>engine: it did not close ({error})</source>
        <translation>Rechenwerk: es schloss nicht ({error})</translation>
    </message>
    <message>
        <source>engine: {error}</source>
        <translation>Rechenwerk: {error}</translation>
    </message>
    <message>
        <source>engine: {kind}: {error}</source>
        <translation>Rechenwerk: {kind}: {error}</translation>
    </message>
    <message>
        <source>engine: {why} after {most} restarts; choose a model to start it again</source>
        <translation>Rechenwerk: {why}, nach {most} Neustarts; wählen Sie ein Modell, um es wieder zu starten</translation>
    </message>
    <message>
        <source>engine: {why}; it is started again ({attempt} of {most})</source>
        <translation>Rechenwerk: {why}; es wird neu gestartet ({attempt} von {most})</translation>
    </message>
    <message>
        <source>engine: {why}; {hung} of its threads hang, so it is not started again: restart Lens7</source>
        <translation>Rechenwerk: {why}; {hung} seiner Threads hängen, deshalb wird es nicht noch einmal gestartet: Lens7 neu starten</translation>
    </message>
    <message>
        <source>expected an RGB picture of bytes, got {kind} {shape}</source>
        <translation>ein RGB-Bild aus Bytes war erwartet, gekommen ist {kind} {shape}</translation>
    </message>
    <message>
        <source>float against 8 bit: {error}</source>
        <translation>Gleitkomma gegen 8 Bit: {error}</translation>
    </message>
    <message>
        <source>float against 8 bit: {error}; it is started anew</source>
        <translation>Gleitkomma gegen 8 Bit: {error}; es wird neu gestartet</translation>
    </message>
    <message>
        <source>free some space, or set {variable} to a folder you may write to</source>
        <translation>Platz schaffen, oder {variable} auf einen Ordner setzen, in den Sie schreiben dürfen</translation>
    </message>
    <message>
        <source>history</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>history is written again</source>
        <translation>der Verlauf wird wieder geschrieben</translation>
    </message>
    <message numerus="yes">
        <source>history is written again; {n} records were lost</source>
        <translation>
            <numerusform>der Verlauf wird wieder geschrieben; {n} Eintrag ging verloren</numerusform>
            <numerusform>der Verlauf wird wieder geschrieben; {n} Einträge gingen verloren</numerusform>
        </translation>
    </message>
    <message>
        <source>history {path}: damaged ({reason})</source>
        <translation>Verlauf {path}: beschädigt ({reason})</translation>
    </message>
    <message>
        <source>history {path}: the file was taken away; a new one is begun</source>
        <translation>Verlauf {path}: die Datei wurde weggenommen; eine neue wird begonnen</translation>
    </message>
    <message>
        <source>history {path}: {reason}</source>
        <translation>Verlauf {path}: {reason}</translation>
    </message>
    <message numerus="yes">
        <source>history: {n} records cannot be kept ({kind}: {error})</source>
        <translation>
            <numerusform>Verlauf: {n} Eintrag lässt sich nicht behalten ({kind}: {error})</numerusform>
            <numerusform>Verlauf: {n} Einträge lassen sich nicht behalten ({kind}: {error})</numerusform>
        </translation>
    </message>
    <message>
        <source>holds views or triggers, which a history never does</source>
        <translation>enthält Sichten oder Trigger, die ein Verlauf niemals hat</translation>
    </message>
    <message>
        <source>it does not start</source>
        <translation>es startet nicht</translation>
    </message>
    <message>
        <source>it failed</source>
        <translation>es versagte</translation>
    </message>
    <message>
        <source>it failed too often</source>
        <translation>sie versagte zu oft</translation>
    </message>
    <message>
        <source>its limit of {limit:.0f} MB is reached</source>
        <translation>ihre Grenze von {limit:.0f} MB ist erreicht</translation>
    </message>
    <message>
        <source>its tables are not those of a history</source>
        <translation>seine Tabellen sind nicht die eines Verlaufs</translation>
    </message>
    <message>
        <source>its thread ended</source>
        <translation>sein Thread endete</translation>
    </message>
    <message>
        <source>killed, it was still running after {seconds:.0f} s</source>
        <translation>beendet, er lief nach {seconds:.0f} s noch immer</translation>
    </message>
    <message>
        <source>larger than {most} bytes</source>
        <translation>größer als {most} Bytes</translation>
    </message>
    <message>
        <source>less than {spared:.0f} MB are left on the disk</source>
        <translation>weniger als {spared:.0f} MB sind auf dem Datenträger frei</translation>
    </message>
    <message>
        <source>metrics endpoint: port {port} of {address}: {reason}; choose another port</source>
        <translation>Messwerte: Port {port} von {address}: {reason}; wählen Sie einen anderen Port</translation>
    </message>
    <message>
        <source>missing: {names}</source>
        <translation>es fehlen: {names}</translation>
    </message>
    <message>
        <source>model files</source>
        <translation>Modelldateien</translation>
    </message>
    <message>
        <source>no MACs</source>
        <translation>keine MACs</translation>
    </message>
    <message>
        <source>no answer</source>
        <translation>keine Antwort</translation>
    </message>
    <message>
        <source>no answer within {seconds:g} s</source>
        <translation>keine Antwort in {seconds:g} s</translation>
    </message>
    <message>
        <source>no camera found, so these are demo pictures; plug one in and choose it</source>
        <translation>keine Kamera gefunden, daher sind dies Demobilder; stecken Sie eine ein und wählen Sie diese aus</translation>
    </message>
    <message>
        <source>no camera found; plug one in, or choose another source</source>
        <translation>keine Kamera gefunden; stecken Sie eine ein, oder wählen Sie eine andere Quelle</translation>
    </message>
    <message>
        <source>no file given</source>
        <translation>keine Datei angegeben</translation>
    </message>
    <message>
        <source>no permission for {nodes}</source>
        <translation>keine Berechtigung für {nodes}</translation>
    </message>
    <message>
        <source>no progress for {minutes} minutes, so it was given up</source>
        <translation>seit {minutes} Minuten kein Fortschritt, deshalb wurde es abgebrochen</translation>
    </message>
    <message>
        <source>no sensible HTTP ({reason})</source>
        <translation>kein sinnvolles HTTP ({reason})</translation>
    </message>
    <message>
        <source>no such file</source>
        <translation>diese Datei gibt es nicht</translation>
    </message>
    <message>
        <source>no such file; give a history that the window has recorded</source>
        <translation>diese Datei gibt es nicht; geben Sie einen Verlauf an, den das Fenster aufgezeichnet hat</translation>
    </message>
    <message>
        <source>no vector units</source>
        <translation>keine Vektoreinheiten</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>none needed</source>
        <translation>keine nötig</translation>
    </message>
    <message>
        <source>none, in place</source>
        <translation>keine, an Ort und Stelle</translation>
    </message>
    <message>
        <source>none; the demo pictures are shown instead</source>
        <translation>keine; dafür werden die Demobilder gezeigt</translation>
    </message>
    <message>
        <source>not a Lens7 history</source>
        <translation>kein Verlauf von Lens7</translation>
    </message>
    <message>
        <source>not a table of settings</source>
        <translation>keine Tabelle von Einstellungen</translation>
    </message>
    <message>
        <source>not installed</source>
        <translation>nicht installiert</translation>
    </message>
    <message>
        <source>nothing to record: no engine labels the picture yet</source>
        <translation>nichts aufzuzeichnen: noch benennt kein Rechenwerk das Bild</translation>
    </message>
    <message>
        <source>one of {choices}</source>
        <translation>eines von {choices}</translation>
    </message>
    <message>
        <source>opencv-python is installed beside opencv-python-headless and may break the window; uninstall it</source>
        <translation>opencv-python ist neben opencv-python-headless installiert und kann das Fenster stören; deinstallieren Sie es</translation>
    </message>
    <message>
        <source>output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>picture: {kind}: {error}</source>
        <translation>Bild: {kind}: {error}</translation>
    </message>
    <message>
        <source>processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>profile {name!r}: a name has 1 to 64 letters, digits, blanks, dots or dashes and begins with a letter or digit</source>
        <translation>Profil {name!r}: ein Name hat 1 bis 64 Buchstaben, Ziffern, Leerzeichen, Punkte oder Striche und beginnt mit einem Buchstaben oder einer Ziffer</translation>
    </message>
    <message>
        <source>profile {name}: {reason}</source>
        <translation>Profil {name}: {reason}</translation>
    </message>
    <message numerus="yes">
        <source>recorded {n} frames in {path}</source>
        <translation>
            <numerusform>{n} Bild aufgezeichnet in {path}</numerusform>
            <numerusform>{n} Bilder aufgezeichnet in {path}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>recording pictures: {n} frames, {size} of {limit}</source>
        <translation>
            <numerusform>Aufzeichnung: {n} Bild, {size} von {limit}</numerusform>
            <numerusform>Aufzeichnung: {n} Bilder, {size} von {limit}</numerusform>
        </translation>
    </message>
    <message>
        <source>recording {path}: {problem}; the recording ends</source>
        <translation>Aufzeichnung {path}: {problem}; die Aufzeichnung endet</translation>
    </message>
    <message>
        <source>recording {path}: {reason}</source>
        <translation>Aufzeichnung {path}: {reason}</translation>
    </message>
    <message>
        <source>self-check failed: {problem}; the labels may be wrong, use the numpy kernels</source>
        <translation>Selbstprüfung nicht bestanden: {problem}; die Namen können falsch sein, verwenden Sie den Kernelsatz numpy</translation>
    </message>
    <message>
        <source>self-check passed {date}, golden digest {digest}</source>
        <translation>Selbstprüfung bestanden {date}, Sollwert {digest}</translation>
    </message>
    <message>
        <source>setting {name!r} is unknown; known are {names}</source>
        <translation>Einstellung {name!r} ist unbekannt; bekannt sind {names}</translation>
    </message>
    <message>
        <source>setting {name}: expected {kind}, got {value!r}</source>
        <translation>Einstellung {name}: erwartet {kind}, gefunden {value!r}</translation>
    </message>
    <message>
        <source>setting {name}: {value!r} is not {allowed}</source>
        <translation>Einstellung {name}: {value!r} ist nicht {allowed}</translation>
    </message>
    <message>
        <source>settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>settings: {path} is not readable ({error}); defaults are used</source>
        <translation>Einstellungen: {path} ist nicht lesbar ({error}); die Vorgaben gelten</translation>
    </message>
    <message>
        <source>settings: {path} is not readable ({error}); nothing is changed</source>
        <translation>Einstellungen: {path} ist nicht lesbar ({error}); nichts wird geändert</translation>
    </message>
    <message>
        <source>settings: {path}: {reason}; changes are not kept</source>
        <translation>Einstellungen: {path}: {reason}; Änderungen werden nicht gespeichert</translation>
    </message>
    <message>
        <source>source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>stream {host}: a frame could not be decoded</source>
        <translation>Strom {host}: ein Bild war nicht zu dekodieren</translation>
    </message>
    <message>
        <source>stream {host}: broke off</source>
        <translation>Strom {host}: brach ab</translation>
    </message>
    <message>
        <source>stream {host}: no answer; it must be running and reachable</source>
        <translation>Strom {host}: keine Antwort; er muss laufen und erreichbar sein</translation>
    </message>
    <message>
        <source>sudo usermod -aG video $USER, log in again</source>
        <translation>sudo usermod -aG video $USER, dann neu anmelden</translation>
    </message>
    <message>
        <source>synthetic:{rate}: the rate must be between 1 and {most:.0f} frames per second</source>
        <translation>synthetic:{rate}: die Rate muss zwischen 1 und {most:.0f} Bildern je Sekunde liegen</translation>
    </message>
    <message>
        <source>the clock was set back by {seconds:.0f} s; history goes on in its own order</source>
        <translation>die Uhr wurde um {seconds:.0f} s zurückgestellt; der Verlauf geht in seiner Reihenfolge weiter</translation>
    </message>
    <message>
        <source>the clock went forward by {seconds:.0f} s (it was set, or the machine slept)</source>
        <translation>die Uhr sprang um {seconds:.0f} s vor (sie wurde gestellt, oder der Rechner schlief)</translation>
    </message>
    <message>
        <source>the file was taken away</source>
        <translation>die Datei wurde weggenommen</translation>
    </message>
    <message>
        <source>the float network does not answer; it is started anew</source>
        <translation>das Gleitkomma-Netz antwortet nicht; es wird neu gestartet</translation>
    </message>
    <message>
        <source>the kept artifact is damaged, it is compiled again ({error})</source>
        <translation>das aufbewahrte Artefakt ist beschädigt, es wird neu übersetzt ({error})</translation>
    </message>
    <message>
        <source>the network is unplugged</source>
        <translation>das Netz ist ausgesteckt</translation>
    </message>
    <message>
        <source>the network went away under way</source>
        <translation>das Netz verschwand unterwegs</translation>
    </message>
    <message>
        <source>the process ended without a word</source>
        <translation>der Prozess endete ohne ein Wort</translation>
    </message>
    <message>
        <source>the self-check crashed on this processor</source>
        <translation>die Selbstprüfung stürzte auf diesem Prozessor ab</translation>
    </message>
    <message>
        <source>the self-check gave no answer</source>
        <translation>die Selbstprüfung gab keine Antwort</translation>
    </message>
    <message>
        <source>the simulated network is back</source>
        <translation>das simulierte Netz ist wieder da</translation>
    </message>
    <message>
        <source>the simulated network is unplugged: the cloud is out of reach, the edge goes on</source>
        <translation>das simulierte Netz ist ausgesteckt: die Cloud ist unerreichbar, vor Ort geht es weiter</translation>
    </message>
    <message>
        <source>the window ended unexpectedly before; {path} says where, without pictures</source>
        <translation>das Fenster endete zuvor unerwartet; {path} sagt, wo, ohne Bilder</translation>
    </message>
    <message>
        <source>tile</source>
        <translation>Kachel</translation>
    </message>
    <message>
        <source>time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>unexpected {kind}: {error}{where}; please report it</source>
        <translation>unerwarteter Fehler {kind}: {error}{where}; bitte melden Sie ihn</translation>
    </message>
    <message>
        <source>utilization</source>
        <translation>Auslastung</translation>
    </message>
    <message>
        <source>weights in DDR</source>
        <translation>Gewichte im DDR</translation>
    </message>
    <message>
        <source>weights in MSMC</source>
        <translation>Gewichte im MSMC</translation>
    </message>
    <message>
        <source>written by a newer Lens7 (format {version}, this one reads {known})</source>
        <translation>von einem neueren Lens7 geschrieben (Format {version}, dieses liest {known})</translation>
    </message>
    <message>
        <source>{camera}: cannot be opened; is another program using it?</source>
        <translation>{camera}: lässt sich nicht öffnen; benutzt ein anderes Programm die Kamera?</translation>
    </message>
    <message>
        <source>{camera}: gives no picture</source>
        <translation>{camera}: gibt kein Bild</translation>
    </message>
    <message>
        <source>{camera}: no picture any more; is it unplugged?</source>
        <translation>{camera}: kein Bild mehr; ist die Kamera ausgesteckt?</translation>
    </message>
    <message>
        <source>{english}</source>
        <translation>Rechenwerk (englisch): {english}</translation>
    </message>
    <message>
        <source>{error}; another window has put it aside, and a new one is begun</source>
        <translation>{error}; ein anderes Fenster hat die Datei beiseitegelegt, und eine neue wird begonnen</translation>
    </message>
    <message>
        <source>{error}; it is given up, the edge goes on</source>
        <translation>{error}; sie wird aufgegeben, vor Ort geht es weiter</translation>
    </message>
    <message>
        <source>{error}; it is kept as {name}, and a new one is begun</source>
        <translation>{error}; die Datei bleibt als {name} erhalten, und eine neue wird begonnen</translation>
    </message>
    <message>
        <source>{error}; it is started anew, the edge goes on</source>
        <translation>{error}; sie wird neu gestartet, vor Ort geht es weiter</translation>
    </message>
    <message>
        <source>{error}; old history is not deleted now</source>
        <translation>{error}; alter Verlauf wird jetzt nicht gelöscht</translation>
    </message>
    <message>
        <source>{error}; the default is used</source>
        <translation>{error}; die Vorgabe gilt</translation>
    </message>
    <message numerus="yes">
        <source>{error}; the recording ends with {n} frames</source>
        <translation>
            <numerusform>{error}; die Aufzeichnung endet mit {n} Bild</numerusform>
            <numerusform>{error}; die Aufzeichnung endet mit {n} Bildern</numerusform>
        </translation>
    </message>
    <message>
        <source>{file}: breaks off after {seconds:.0f} of {all:.0f} seconds; it is damaged or cut short</source>
        <translation>{file}: bricht nach {seconds:.0f} von {all:.0f} Sekunden ab; die Datei ist beschädigt oder abgeschnitten</translation>
    </message>
    <message>
        <source>{file}: holds no picture</source>
        <translation>{file}: enthält kein Bild</translation>
    </message>
    <message>
        <source>{file}: neither a picture nor a video that can be read</source>
        <translation>{file}: weder ein Bild noch ein Video, das sich lesen lässt</translation>
    </message>
    <message>
        <source>{file}: not a file</source>
        <translation>{file}: keine Datei</translation>
    </message>
    <message>
        <source>{file}: the file is empty</source>
        <translation>{file}: die Datei ist leer</translation>
    </message>
    <message>
        <source>{folder}: can be written</source>
        <translation>{folder}: kann beschrieben werden</translation>
    </message>
    <message numerus="yes">
        <source>{low:.2f} to {high:.2f} ms: {n} frames</source>
        <translation>
            <numerusform>{low:.2f} bis {high:.2f} ms: {n} Bild</numerusform>
            <numerusform>{low:.2f} bis {high:.2f} ms: {n} Bilder</numerusform>
        </translation>
    </message>
    <message>
        <source>{model}: weights complete</source>
        <translation>{model}: Gewichte vollständig</translation>
    </message>
    <message>
        <source>{model}: {why}; choose another model</source>
        <translation>{model}: {why}; wählen Sie ein anderes Modell</translation>
    </message>
    <message>
        <source>{moved} read and written</source>
        <translation>{moved} gelesen und geschrieben</translation>
    </message>
    <message>
        <source>{name} answers nonsense: {said}</source>
        <translation>{name} antwortet Unsinn: {said}</translation>
    </message>
    <message>
        <source>{name} does not answer</source>
        <translation>{name} antwortet nicht</translation>
    </message>
    <message>
        <source>{name} ended with status {status}</source>
        <translation>{name} endete mit Status {status}</translation>
    </message>
    <message>
        <source>{name} is not measured any more</source>
        <translation>{name} wird nicht mehr gemessen</translation>
    </message>
    <message>
        <source>{name} is well again: {value}</source>
        <translation>{name} ist wieder gut: {value}</translation>
    </message>
    <message>
        <source>{name} is {value}, less than {limit}; {advice}</source>
        <translation>{name}: {value}, weniger als {limit}; {advice}</translation>
    </message>
    <message>
        <source>{name} is {value}, more than {limit}; {advice}</source>
        <translation>{name}: {value}, mehr als {limit}; {advice}</translation>
    </message>
    <message>
        <source>{name} of {value:g} {unit}: allowed are {low:g} to {high:g} {unit}</source>
        <translation>{name} von {value:g} {unit}: erlaubt sind {low:g} bis {high:g} {unit}</translation>
    </message>
    <message>
        <source>{name}: no picture inside; {suffixes} are looked for</source>
        <translation>{name}: kein Bild darin; gesucht werden {suffixes}</translation>
    </message>
    <message numerus="yes">
        <source>{n} channels</source>
        <translation>
            <numerusform>{n} Kanal</numerusform>
            <numerusform>{n} Kanäle</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} columns</source>
        <translation>
            <numerusform>{n} Spalte</numerusform>
            <numerusform>{n} Spalten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} cores</source>
        <translation>
            <numerusform>{n} Kern</numerusform>
            <numerusform>{n} Kerne</numerusform>
        </translation>
    </message>
    <message>
        <source>{n} files</source>
        <translation>{n} Dateien</translation>
    </message>
    <message numerus="yes">
        <source>{n} frames compared</source>
        <translation>
            <numerusform>{n} Bild verglichen</numerusform>
            <numerusform>{n} Bilder verglichen</numerusform>
        </translation>
    </message>
    <message>
        <source>{n} pictures</source>
        <translation>{n} Bilder</translation>
    </message>
    <message numerus="yes">
        <source>{n} records were lost while the history could not be written</source>
        <translation>
            <numerusform>{n} Eintrag ging verloren, während der Verlauf nicht geschrieben werden konnte</numerusform>
            <numerusform>{n} Einträge gingen verloren, während der Verlauf nicht geschrieben werden konnte</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} rows</source>
        <translation>
            <numerusform>{n} Zeile</numerusform>
            <numerusform>{n} Zeilen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} threads</source>
        <translation>
            <numerusform>{n} Thread</numerusform>
            <numerusform>{n} Threads</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{path}: has {n} lines, the network tells {classes} classes apart; one name a line is wanted</source>
        <translation>
            <numerusform>{path}: hat {n} Zeile, das Netz unterscheidet {classes} Klassen; gebraucht wird ein Name je Zeile</numerusform>
            <numerusform>{path}: hat {n} Zeilen, das Netz unterscheidet {classes} Klassen; gebraucht wird ein Name je Zeile</numerusform>
        </translation>
    </message>
    <message>
        <source>{path}: is no UTF-8 text; a label file has one name a line</source>
        <translation>{path}: ist kein UTF-8-Text; eine Namensdatei hat einen Namen je Zeile</translation>
    </message>
    <message>
        <source>{path}: is no regular file; a label file has one name a line</source>
        <translation>{path}: ist keine gewöhnliche Datei; eine Namensdatei hat einen Namen je Zeile</translation>
    </message>
    <message>
        <source>{path}: larger than {most} MB; a label file has one name a line</source>
        <translation>{path}: größer als {most} MB; eine Namensdatei hat einen Namen je Zeile</translation>
    </message>
    <message>
        <source>{path}: no such file or folder (sources: camera, demo, synthetic, a file, an address)</source>
        <translation>{path}: diese Datei oder diesen Ordner gibt es nicht (Quellen: camera, demo, synthetic, eine Datei, eine Adresse)</translation>
    </message>
    <message>
        <source>{percent:.0f} % of the core loop</source>
        <translation>{percent:.0f} % der inneren Schleife</translation>
    </message>
    <message>
        <source>{problem}; the picture goes on, and so does history once it can be written</source>
        <translation>{problem}; das Bild geht weiter, und der Verlauf auch, sobald er geschrieben werden kann</translation>
    </message>
    <message>
        <source>{problem}; trying again</source>
        <translation>{problem}; neuer Versuch</translation>
    </message>
    <message>
        <source>{read} read, {written} written</source>
        <translation>{read} gelesen, {written} geschrieben</translation>
    </message>
    <message>
        <source>{reason} (status {status})</source>
        <translation>{reason} (Status {status})</translation>
    </message>
    <message>
        <source>{shape} in {memory}</source>
        <translation>{shape} im {memory}</translation>
    </message>
    <message>
        <source>{size:.1f} MB, a request carries {most:.0f} MB</source>
        <translation>{size:.1f} MB, eine Anfrage trägt {most:.0f} MB</translation>
    </message>
    <message>
        <source>{size}, weights {amount}</source>
        <translation>{size}, Gewichte {amount}</translation>
    </message>
    <message>
        <source>{source}: a frame could not be decoded</source>
        <translation>{source}: ein Bild war nicht zu dekodieren</translation>
    </message>
    <message>
        <source>{source}: does not answer; opening it again</source>
        <translation>{source}: antwortet nicht; wird neu geöffnet</translation>
    </message>
    <message>
        <source>{source}: the picture is back</source>
        <translation>{source}: das Bild ist wieder da</translation>
    </message>
    <message>
        <source>{text}, the file is kept as {name}</source>
        <translation>{text}, die Datei bleibt als {name} erhalten</translation>
    </message>
    <message>
        <source>{text}; {model} on {soc} goes on</source>
        <translation>{text}; {model} auf {soc} läuft weiter</translation>
    </message>
    <message>
        <source>{time:.1f} µs modelled, bound by {bound}</source>
        <translation>{time:.1f} µs modelliert, Grenze: {bound}</translation>
    </message>
    <message>
        <source>{what}: {size} pixels is too large, at most {most} megapixels are taken; scale it down first</source>
        <translation>{what}: {size} Pixel sind zu viel, höchstens {most} Megapixel werden genommen; verkleinern Sie es zuerst</translation>
    </message>
</context>
<context>
    <name>MonitorFeeder</name>
    <message>
        <source>Edge and cloud</source>
        <translation>Vor Ort und Cloud</translation>
    </message>
    <message>
        <source>Float and 8 bit</source>
        <translation>Gleitkomma, 8 Bit</translation>
    </message>
    <message>
        <source>History, measured</source>
        <translation>Verlauf, gemessen</translation>
    </message>
</context>
<context>
    <name>MonitorWording</name>
    <message>
        <source>A million such frames: {dollars:.2f} US$ at list price, modelled</source>
        <translation>Eine Million solcher Bilder: {dollars:.2f} US$ zum Listenpreis, modelliert</translation>
    </message>
    <message>
        <source>JPEG</source>
        <translation>JPEG</translation>
    </message>
    <message>
        <source>Left this device:  edge {kept}  ·  cloud {sent}</source>
        <translation>Verließ dieses Gerät:  vor Ort {kept}  ·  Cloud {sent}</translation>
    </message>
    <message>
        <source>List price of a function: known after the first answer.</source>
        <translation>Listenpreis einer Funktion: bekannt nach der ersten Antwort.</translation>
    </message>
    <message>
        <source>cold start</source>
        <translation>Kaltstart</translation>
    </message>
    <message>
        <source>cold starts: {count}</source>
        <translation>Kaltstarts: {count}</translation>
    </message>
    <message>
        <source>function</source>
        <translation>Funktion</translation>
    </message>
    <message>
        <source>logit cosine {cosine}</source>
        <translation>Kosinus der Logits {cosine}</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>way down</source>
        <translation>Rückweg</translation>
    </message>
    <message>
        <source>way up</source>
        <translation>Hinweg</translation>
    </message>
    <message>
        <source>{count} answered</source>
        <translation>{count} beantwortet</translation>
    </message>
    <message>
        <source>{count} never sent</source>
        <translation>{count} nie gesendet</translation>
    </message>
    <message>
        <source>{count} not, a network named nothing</source>
        <translation>{count} nicht, ein Netz benannte nichts</translation>
    </message>
    <message>
        <source>{count} not, the float network was busy</source>
        <translation>{count} nicht, das Gleitkomma-Netz war beschäftigt</translation>
    </message>
</context>
<context>
    <name>NetworkControls</name>
    <message>
        <source>Network, simulated</source>
        <translation>Netz, simuliert</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>keine Grenze</translation>
    </message>
    <message>
        <source>simulated</source>
        <translation>simuliert</translation>
    </message>
    <message>
        <source>your own</source>
        <translation>eigenes</translation>
    </message>
</context>
<context>
    <name>NumberRow</name>
    <message>
        <source>{name}: {low:g} to {high:g} {unit}</source>
        <translation>{name}: {low:g} bis {high:g} {unit}</translation>
    </message>
</context>
<context>
    <name>NumbersPanel</name>
    <message>
        <source>Frames</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Jacinto 7, modelled</source>
        <translation>Jacinto 7, modelliert</translation>
    </message>
    <message>
        <source>This laptop, measured</source>
        <translation>Dieser Rechner, gemessen</translation>
    </message>
    <message>
        <source>answered</source>
        <translation>beantwortet</translation>
    </message>
    <message>
        <source>captured</source>
        <translation>aufgenommen</translation>
    </message>
    <message>
        <source>dropped</source>
        <translation>verworfen</translation>
    </message>
    <message>
        <source>frame age p95</source>
        <translation>Bildalter p95</translation>
    </message>
    <message>
        <source>frame age p95, measured</source>
        <translation>Bildalter p95, gemessen</translation>
    </message>
    <message>
        <source>frames per second</source>
        <translation>Bilder je Sekunde</translation>
    </message>
    <message>
        <source>network on the device</source>
        <translation>Netz auf dem Chip</translation>
    </message>
    <message>
        <source>network on the device, modelled</source>
        <translation>Netz auf dem Chip, modelliert</translation>
    </message>
    <message>
        <source>network run, median</source>
        <translation>Netzlauf, Median</translation>
    </message>
    <message>
        <source>network run, median, measured</source>
        <translation>Netzlauf, Median, gemessen</translation>
    </message>
    <message>
        <source>shown</source>
        <translation>gezeigt</translation>
    </message>
    <message>
        <source>what the source delivers</source>
        <translation>was die Quelle liefert</translation>
    </message>
</context>
<context>
    <name>PlotBox</name>
    <message>
        <source>Copy as picture</source>
        <translation>Als Bild kopieren</translation>
    </message>
    <message>
        <source>Export as CSV</source>
        <translation>Als CSV exportieren</translation>
    </message>
    <message>
        <source>Export as CSV…</source>
        <translation>Als CSV exportieren …</translation>
    </message>
    <message>
        <source>Leave the zoom</source>
        <translation>Ausschnitt verlassen</translation>
    </message>
    <message>
        <source>The curves are in the clipboard.</source>
        <translation>Die Kurven sind in der Zwischenablage.</translation>
    </message>
    <message>
        <source>{path} is written.</source>
        <translation>{path} ist geschrieben.</translation>
    </message>
</context>
<context>
    <name>ProgressCard</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel compilation</source>
        <translation>Übersetzung abbrechen</translation>
    </message>
    <message>
        <source>Compilation progress</source>
        <translation>Fortschritt der Übersetzung</translation>
    </message>
</context>
<context>
    <name>Quiz</name>
    <message>
        <source>Beat the machine</source>
        <translation>Schlagen Sie die Maschine</translation>
    </message>
    <message>
        <source>It is: {truth}</source>
        <translation>Es ist: {truth}</translation>
    </message>
    <message>
        <source>Next picture</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>Press its number. The label stays hidden until then.</source>
        <translation>Drücken Sie die Zahl. Bis dahin bleibt der Name verborgen.</translation>
    </message>
    <message>
        <source>The machine is still looking</source>
        <translation>Die Maschine schaut noch</translation>
    </message>
    <message>
        <source>Today: visitors {visitor}, machine {machine}, of {rounds}</source>
        <translation>Heute: Besucher {visitor}, Maschine {machine}, von {rounds}</translation>
    </message>
    <message>
        <source>What is this?</source>
        <translation>Was ist das?</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nichts</translation>
    </message>
    <message>
        <source>quiz picture {n}</source>
        <translation>Quizbild {n}</translation>
    </message>
    <message>
        <source>the machine</source>
        <translation>die Maschine</translation>
    </message>
    <message>
        <source>the score of the day cannot be kept: {reason}</source>
        <translation>der Spielstand des Tages kann nicht gespeichert werden: {reason}</translation>
    </message>
    <message>
        <source>you</source>
        <translation>Sie</translation>
    </message>
    <message>
        <source>{who}: {name}, right</source>
        <translation>{who}: {name}, richtig</translation>
    </message>
    <message>
        <source>{who}: {name}, wrong</source>
        <translation>{who}: {name}, falsch</translation>
    </message>
</context>
<context>
    <name>RegionPicker</name>
    <message>
        <source>Drag a frame, or use the arrows (Shift: size). Enter takes it, Esc gives up.</source>
        <translation>Rahmen ziehen, oder Pfeile (Umschalt: Größe). Eingabe übernimmt, Esc verwirft.</translation>
    </message>
    <message>
        <source>Region of the picture</source>
        <translation>Ausschnitt des Bildes</translation>
    </message>
</context>
<context>
    <name>ResultCard</name>
    <message>
        <source>Back to live</source>
        <translation>Zurück zum Livebild</translation>
    </message>
    <message>
        <source>Back to live  (L)</source>
        <translation>Zurück zum Livebild  (L)</translation>
    </message>
    <message>
        <source>Next picture</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>Previous picture</source>
        <translation>Voriges Bild</translation>
    </message>
    <message>
        <source>looking at it</source>
        <translation>wird angesehen</translation>
    </message>
</context>
<context>
    <name>RooflinePlot</name>
    <message>
        <source>DDR</source>
        <translation>DDR</translation>
    </message>
    <message>
        <source>MAC per byte moved; upwards: MAC per cycle</source>
        <translation>MAC je bewegtem Byte; nach oben: MAC je Takt</translation>
    </message>
    <message>
        <source>MMA {peak} MAC/cycle</source>
        <translation>MMA {peak} MAC/Takt</translation>
    </message>
    <message>
        <source>MSMC</source>
        <translation>MSMC</translation>
    </message>
    <message>
        <source>Roofline of the layers, modelled</source>
        <translation>Roofline der Schichten, modelliert</translation>
    </message>
</context>
<context>
    <name>RoundTripBar</name>
    <message>
        <source>edge {edge} ms; cloud: {parts}</source>
        <translation>vor Ort {edge} ms; Cloud: {parts}</translation>
    </message>
    <message>
        <source>edge {ms} ms</source>
        <translation>vor Ort {ms} ms</translation>
    </message>
    <message>
        <source>measured</source>
        <translation>gemessen</translation>
    </message>
    <message>
        <source>simulated</source>
        <translation>simuliert</translation>
    </message>
</context>
<context>
    <name>ScreenSaver</name>
    <message>
        <source>A live picture is shown</source>
        <translation>Ein Livebild wird gezeigt</translation>
    </message>
    <message>
        <source>Nothing holds the screen saver off ({reason}); turn it off in the desktop&apos;s settings.</source>
        <translation>Nichts hält den Bildschirmschoner fern ({reason}); schalten Sie ihn in den Einstellungen des Schreibtischs ab.</translation>
    </message>
    <message>
        <source>The screen saver is held off by {name}.</source>
        <translation>Der Bildschirmschoner wird von {name} ferngehalten.</translation>
    </message>
    <message>
        <source>there is no session bus</source>
        <translation>es gibt keinen Sitzungsbus</translation>
    </message>
</context>
<context>
    <name>SettingsSheet</name>
    <message>
        <source>Every setting has its default.</source>
        <translation>Jede Einstellung hat ihren Vorgabewert.</translation>
    </message>
    <message>
        <source>Export settings</source>
        <translation>Einstellungen exportieren</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren …</translation>
    </message>
    <message>
        <source>Find a setting</source>
        <translation>Einstellung suchen</translation>
    </message>
    <message>
        <source>Import settings</source>
        <translation>Einstellungen importieren</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importieren …</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>No setting is called that; type fewer letters.</source>
        <translation>Keine Einstellung heißt so; tippen Sie weniger Buchstaben.</translation>
    </message>
    <message>
        <source>Profile of a stand</source>
        <translation>Profil eines Standes</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>Alles zurücksetzen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>The profile {name} is kept.</source>
        <translation>Das Profil {name} ist gespeichert.</translation>
    </message>
    <message>
        <source>The profile {name} is removed.</source>
        <translation>Das Profil {name} ist entfernt.</translation>
    </message>
    <message>
        <source>The profile {name} is used.</source>
        <translation>Das Profil {name} wird verwendet.</translation>
    </message>
    <message>
        <source>The settings of {path} are used.</source>
        <translation>Die Einstellungen aus {path} werden verwendet.</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>Verwenden</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>leer</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>on</source>
        <translation>an</translation>
    </message>
    <message>
        <source>on or off; default {default}</source>
        <translation>an oder aus; Vorgabe {default}</translation>
    </message>
    <message>
        <source>one of {choices}; default {default}</source>
        <translation>eines von {choices}; Vorgabe {default}</translation>
    </message>
    <message>
        <source>text; default {default}</source>
        <translation>Text; Vorgabe {default}</translation>
    </message>
    <message>
        <source>{low} to {high}; default {default}</source>
        <translation>{low} bis {high}; Vorgabe {default}</translation>
    </message>
    <message>
        <source>{path} is written.</source>
        <translation>{path} ist geschrieben.</translation>
    </message>
</context>
<context>
    <name>Sheet</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>ShortcutsSheet</name>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
</context>
<context>
    <name>SourcesPanel</name>
    <message>
        <source>Dropped files</source>
        <translation>Abgelegte Dateien</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
</context>
<context>
    <name>StatsPanel</name>
    <message>
        <source>Copy as picture</source>
        <translation>Als Bild kopieren</translation>
    </message>
    <message>
        <source>Curves come with the first picture.</source>
        <translation>Die Kurven kommen mit dem ersten Bild.</translation>
    </message>
    <message>
        <source>Dropped: {reasons}</source>
        <translation>Verworfen: {reasons}</translation>
    </message>
    <message>
        <source>Export as CSV</source>
        <translation>Als CSV exportieren</translation>
    </message>
    <message>
        <source>Export as CSV…</source>
        <translation>Als CSV exportieren …</translation>
    </message>
    <message>
        <source>Leave the zoom</source>
        <translation>Ausschnitt verlassen</translation>
    </message>
    <message>
        <source>No frame was dropped.</source>
        <translation>Kein Bild wurde verworfen.</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>The curves are in the clipboard.</source>
        <translation>Die Kurven sind in der Zwischenablage.</translation>
    </message>
    <message>
        <source>The first frames after a start are slower; they are in no other figure.</source>
        <translation>Die ersten Bilder nach einem Start sind langsamer; sie stecken in keiner anderen Zahl.</translation>
    </message>
    <message>
        <source>warm-up  {figures}</source>
        <translation>Aufwärmen  {figures}</translation>
    </message>
    <message>
        <source>{path} is written.</source>
        <translation>{path} ist geschrieben.</translation>
    </message>
</context>
<context>
    <name>StatsPlots</name>
    <message>
        <source>frames by their time, measured</source>
        <translation>Bilder nach ihrer Zeit, gemessen</translation>
    </message>
    <message>
        <source>last minute, measured</source>
        <translation>letzte Minute, gemessen</translation>
    </message>
    <message>
        <source>ms</source>
        <translation>ms</translation>
    </message>
    <message>
        <source>s</source>
        <translation>s</translation>
    </message>
    <message>
        <source>{plot}. Drag to zoom, double click to leave the zoom.</source>
        <translation>{plot}. Ziehen vergrößert, ein Doppelklick verlässt den Ausschnitt.</translation>
    </message>
</context>
<context>
    <name>StepStrip</name>
    <message>
        <source>Steps of a frame, modelled</source>
        <translation>Schritte eines Bildes, modelliert</translation>
    </message>
</context>
<context>
    <name>Tour</name>
    <message>
        <source>It is before the camera</source>
        <translation>Es ist vor der Kamera</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Noch einmal schauen</translation>
    </message>
    <message>
        <source>Next stop</source>
        <translation>Nächste Station</translation>
    </message>
    <message>
        <source>Previous stop</source>
        <translation>Vorige Station</translation>
    </message>
    <message>
        <source>This stop needs a camera, and none is open. Go on with the next one.</source>
        <translation>Diese Station braucht eine Kamera, und keine ist offen. Weiter mit der nächsten.</translation>
    </message>
    <message>
        <source>Tour, stop {n} of {all}</source>
        <translation>Führung, Station {n} von {all}</translation>
    </message>
    <message>
        <source>right</source>
        <translation>richtig</translation>
    </message>
    <message>
        <source>tour: {title}</source>
        <translation>Führung: {title}</translation>
    </message>
    <message>
        <source>unsure</source>
        <translation>unsicher</translation>
    </message>
    <message>
        <source>wrong</source>
        <translation>falsch</translation>
    </message>
</context>
<context>
    <name>VideoView</name>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
</context>
<context>
    <name>WhatIfControls</name>
    <message>
        <source>As compiled</source>
        <translation>Wie übersetzt</translation>
    </message>
    <message>
        <source>Back to the chip that the network was compiled for</source>
        <translation>Zurück zum Chip, für den das Netz übersetzt wurde</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>Takt</translation>
    </message>
    <message>
        <source>Cores</source>
        <translation>Kerne</translation>
    </message>
    <message>
        <source>DDR</source>
        <translation>DDR</translation>
    </message>
    <message>
        <source>L2 per core</source>
        <translation>L2 je Kern</translation>
    </message>
    <message>
        <source>MSMC</source>
        <translation>MSMC</translation>
    </message>
    <message>
        <source>SoC</source>
        <translation>SoC</translation>
    </message>
    <message>
        <source>Weights in</source>
        <translation>Gewichte in</translation>
    </message>
</context>
<context>
    <name>Wording</name>
    <message>
        <source>Ctrl+O opens files, L goes live.</source>
        <translation>Strg+O öffnet Dateien, L zeigt das Livebild.</translation>
    </message>
    <message>
        <source>Drop a photo, a folder or a model here</source>
        <translation>Foto, Ordner oder Modell hier ablegen</translation>
    </message>
    <message>
        <source>Hard conditions</source>
        <translation>Schwierige Bedingungen</translation>
    </message>
    <message>
        <source>It goes on by itself when the stream is back, or drop a photo here.</source>
        <translation>Es geht von selbst weiter, sobald der Strom wieder da ist; oder ein Foto hier ablegen.</translation>
    </message>
    <message>
        <source>It goes on by itself.</source>
        <translation>Es geht von selbst weiter.</translation>
    </message>
    <message>
        <source>Jacinto 7</source>
        <translation>Jacinto 7</translation>
    </message>
    <message>
        <source>No new picture from {source}</source>
        <translation>Kein neues Bild von {source}</translation>
    </message>
    <message>
        <source>Opening {source}</source>
        <translation>{source} wird geöffnet</translation>
    </message>
    <message>
        <source>Plug it in again and it goes on by itself, or drop a photo here.</source>
        <translation>Wieder einstecken, dann geht es weiter; oder ein Foto hier ablegen.</translation>
    </message>
    <message>
        <source>Preparing {model} for {soc}</source>
        <translation>Vorbereitung: {model}, {soc}</translation>
    </message>
    <message>
        <source>This does not open</source>
        <translation>Dies lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>demo pictures until something moves before {source}</source>
        <translation>Demobilder, bis sich vor {source} etwas bewegt</translation>
    </message>
    <message>
        <source>from the frame&apos;s capture to the end of its painting</source>
        <translation>von der Aufnahme des Bildes bis zum Ende des Zeichnens</translation>
    </message>
    <message>
        <source>from the frame&apos;s capture until the engine takes it</source>
        <translation>von der Aufnahme des Bildes, bis das Rechenwerk es nimmt</translation>
    </message>
    <message>
        <source>looks like</source>
        <translation>sieht aus wie</translation>
    </message>
    <message>
        <source>measured</source>
        <translation>gemessen</translation>
    </message>
    <message>
        <source>modelled</source>
        <translation>modelliert</translation>
    </message>
    <message>
        <source>not measured yet</source>
        <translation>noch nicht gemessen</translation>
    </message>
    <message>
        <source>not modelled</source>
        <translation>nicht modelliert</translation>
    </message>
    <message>
        <source>nothing open</source>
        <translation>nichts offen</translation>
    </message>
    <message>
        <source>perhaps</source>
        <translation>vielleicht</translation>
    </message>
    <message>
        <source>picture and overlay into the window&apos;s buffer</source>
        <translation>Bild und Überlagerung in den Puffer des Fensters</translation>
    </message>
    <message>
        <source>resize, crop and quantize into the network&apos;s input</source>
        <translation>verkleinern, zuschneiden und quantisieren zum Eingang des Netzes</translation>
    </message>
    <message>
        <source>smoothed</source>
        <translation>geglättet</translation>
    </message>
    <message>
        <source>softmax and the five best labels</source>
        <translation>Softmax und die fünf besten Namen</translation>
    </message>
    <message>
        <source>the network itself, on the emulated accelerator</source>
        <translation>das Netz selbst, auf dem emulierten Beschleuniger</translation>
    </message>
    <message>
        <source>the source</source>
        <translation>die Quelle</translation>
    </message>
    <message>
        <source>this laptop</source>
        <translation>dieser Rechner</translation>
    </message>
    <message>
        <source>{done} of {total} done</source>
        <translation>{done} von {total} fertig</translation>
    </message>
    <message>
        <source>{name} kernels</source>
        <translation>Kernel {name}</translation>
    </message>
    <message>
        <source>{n} failed</source>
        <translation>{n} Fehler</translation>
    </message>
    <message>
        <source>{shown} while {source} is away</source>
        <translation>{shown}, solange {source} fehlt</translation>
    </message>
    <message>
        <source>{soc} emulated</source>
        <translation>{soc} emuliert</translation>
    </message>
    <message>
        <source>{source} is gone</source>
        <translation>{source} ist weg</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>118 of the 1000 classes are breeds of dog: here it is an expert.</source>
        <translation>118 der 1000 Klassen sind Hunderassen: hier kennt es sich aus.</translation>
    </message>
    <message>
        <source>4G</source>
        <translation>4G</translation>
    </message>
    <message>
        <source>A cat between two classes</source>
        <translation>Eine Katze zwischen zwei Klassen</translation>
    </message>
    <message>
        <source>A computer mouse</source>
        <translation>Eine Computermaus</translation>
    </message>
    <message>
        <source>A cup of coffee</source>
        <translation>Eine Tasse Kaffee</translation>
    </message>
    <message>
        <source>A dog</source>
        <translation>Ein Hund</translation>
    </message>
    <message>
        <source>A glass of cola</source>
        <translation>Ein Glas Cola</translation>
    </message>
    <message>
        <source>A hard case: nobody ever taught it scissors.</source>
        <translation>Ein schwerer Fall: Scheren hat ihm niemand beigebracht.</translation>
    </message>
    <message>
        <source>A hard case: people are not among its classes; clothes and things around them are.</source>
        <translation>Ein schwerer Fall: Menschen gehören nicht zu seinen Klassen, Kleidung und Dinge um sie herum schon.</translation>
    </message>
    <message>
        <source>A person</source>
        <translation>Ein Mensch</translation>
    </message>
    <message>
        <source>A rocket</source>
        <translation>Eine Rakete</translation>
    </message>
    <message>
        <source>A screwdriver</source>
        <translation>Ein Schraubendreher</translation>
    </message>
    <message>
        <source>A tool on a plain ground: an easy case.</source>
        <translation>Ein Werkzeug auf schlichtem Grund: ein leichter Fall.</translation>
    </message>
    <message>
        <source>Alarm when a live picture is older than this; 0: never.</source>
        <translation>Alarm, wenn ein Livebild älter ist, in ms; 0: nie.</translation>
    </message>
    <message>
        <source>Alarm when fewer frames per second are shown; 0: never.</source>
        <translation>Alarm, wenn weniger Bilder je Sekunde gezeigt werden; 0: nie.</translation>
    </message>
    <message>
        <source>Alarm when float and 8 bit agree less often; 0: never.</source>
        <translation>Alarm, wenn Gleitkomma und 8 Bit seltener übereinstimmen; 0: nie.</translation>
    </message>
    <message>
        <source>Alarm when more of the frames are dropped; 0: never.</source>
        <translation>Alarm, wenn mehr Bilder verworfen werden; 0: nie.</translation>
    </message>
    <message>
        <source>Alarm when the 95th percentile of latency is above this; 0: never.</source>
        <translation>Alarm, wenn das 95. Perzentil der Latenz darüber liegt; 0: nie.</translation>
    </message>
    <message>
        <source>Average the labels of live pictures over a third of a second; told on the picture.</source>
        <translation>Namen von Livebildern über eine drittel Sekunde mitteln; auf dem Bild gesagt.</translation>
    </message>
    <message>
        <source>Blur</source>
        <translation>Unschärfe</translation>
    </message>
    <message>
        <source>Brightness</source>
        <translation>Helligkeit</translation>
    </message>
    <message>
        <source>Colours of the window.</source>
        <translation>Farben des Fensters.</translation>
    </message>
    <message>
        <source>Compression on the way from the camera; 100 is none.</source>
        <translation>Komprimierung auf dem Weg von der Kamera; 100 ist keine.</translation>
    </message>
    <message>
        <source>Contrast</source>
        <translation>Kontrast</translation>
    </message>
    <message>
        <source>DDR bandwidth</source>
        <translation>DDR-Bandbreite</translation>
    </message>
    <message>
        <source>Days that the history keeps: those on which something was recorded, so that a wrong clock deletes none.</source>
        <translation>Tage, die der Verlauf behält: solche, an denen etwas aufgezeichnet wurde, damit eine falsche Uhr keine löscht.</translation>
    </message>
    <message>
        <source>Docks of the Bench face, as the window saved them.</source>
        <translation>Bereiche der Werkbank, wie das Fenster sie gespeichert hat.</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Emulated SoC.</source>
        <translation>Emulierter SoC.</translation>
    </message>
    <message>
        <source>Espresso, cup and coffee mug are three classes. What counts is what was labelled when it was taught.</source>
        <translation>Espresso, Tasse und Kaffeebecher sind drei Klassen. Es zählt, was beim Lernen beschriftet war.</translation>
    </message>
    <message>
        <source>Face shown at start.</source>
        <translation>Ansicht beim Start.</translation>
    </message>
    <message>
        <source>Hold a computer mouse before the camera, seen from above.</source>
        <translation>Eine Computermaus vor die Kamera halten, von oben gesehen.</translation>
    </message>
    <message>
        <source>Hold a glass of cola before the camera: red wine is a class, cola is not.</source>
        <translation>Ein Glas Cola vor die Kamera halten: Rotwein ist eine Klasse, Cola nicht.</translation>
    </message>
    <message>
        <source>Host threads of the emulator.</source>
        <translation>Threads des Emulators auf diesem Rechner.</translation>
    </message>
    <message>
        <source>Hottest sensor of the processor; – where the machine tells none.</source>
        <translation>Heißester Sensor des Prozessors; – wo der Rechner keinen nennt.</translation>
    </message>
    <message>
        <source>How far the camera is turned.</source>
        <translation>Wie weit die Kamera gedreht ist.</translation>
    </message>
    <message>
        <source>It cannot say &apos;none of these&apos;: {percent}.</source>
        <translation>„Nichts davon“ kann es nicht sagen: {percent}.</translation>
    </message>
    <message>
        <source>It is not sure itself: {percent}.</source>
        <translation>Es ist sich selbst nicht sicher: {percent}.</translation>
    </message>
    <message>
        <source>It says {best}, but with {percent} only: it does not know.</source>
        <translation>Es sagt {best}, aber nur mit {percent}: es weiß es nicht.</translation>
    </message>
    <message>
        <source>JPEG quality</source>
        <translation>JPEG-Qualität</translation>
    </message>
    <message>
        <source>Jitter, up to</source>
        <translation>Schwankung, bis</translation>
    </message>
    <message>
        <source>Keep times and first labels of all frames, never pictures, in the history file.</source>
        <translation>Zeiten und erste Namen aller Bilder im Verlauf behalten, niemals Bilder.</translation>
    </message>
    <message>
        <source>Kernel set of the emulator.</source>
        <translation>Kernelsatz des Emulators.</translation>
    </message>
    <message>
        <source>L2</source>
        <translation>L2</translation>
    </message>
    <message>
        <source>Language of the window, from the next start on; auto: the desktop&apos;s.</source>
        <translation>Sprache des Fensters, ab dem nächsten Start; auto: die des Schreibtischs.</translation>
    </message>
    <message>
        <source>Length of a sideways smear, at 720 lines.</source>
        <translation>Länge der seitlichen Verwischung, bei 720 Zeilen.</translation>
    </message>
    <message>
        <source>Let alarms be heard.</source>
        <translation>Alarme hörbar machen.</translation>
    </message>
    <message>
        <source>Let bars and panels move.</source>
        <translation>Balken und Tafeln dürfen sich bewegen.</translation>
    </message>
    <message>
        <source>Light added to or taken from every pixel.</source>
        <translation>Licht, das jedem Pixel zugefügt oder genommen wird.</translation>
    </message>
    <message>
        <source>Mark the area that the network sees.</source>
        <translation>Den Ausschnitt zeigen, den das Netz sieht.</translation>
    </message>
    <message>
        <source>Mode, controls and view of each camera, as the window saved them.</source>
        <translation>Modus, Regler und Sicht jeder Kamera, wie das Fenster sie gespeichert hat.</translation>
    </message>
    <message>
        <source>Model used at start: a built-in name or a path.</source>
        <translation>Modell beim Start: ein eingebauter Name oder ein Pfad.</translation>
    </message>
    <message>
        <source>More at a cold start</source>
        <translation>Mehr bei Kaltstart</translation>
    </message>
    <message>
        <source>Most requests under way at once.</source>
        <translation>Höchstzahl gleichzeitiger Anfragen.</translation>
    </message>
    <message>
        <source>Most that chance adds to a simulated round trip.</source>
        <translation>Größter zufälliger Zuschlag zum simulierten Umlauf.</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>Bewegung</translation>
    </message>
    <message>
        <source>Noise</source>
        <translation>Rauschen</translation>
    </message>
    <message>
        <source>Offer the figures to Prometheus on this computer&apos;s own address 127.0.0.1.</source>
        <translation>Die Zahlen für Prometheus anbieten, auf der eigenen Adresse 127.0.0.1 dieses Rechners.</translation>
    </message>
    <message>
        <source>Packets lost</source>
        <translation>Paketverlust</translation>
    </message>
    <message>
        <source>Pictures painted per second over the last two seconds, measured.</source>
        <translation>Gezeichnete Bilder je Sekunde in den letzten zwei Sekunden, gemessen.</translation>
    </message>
    <message>
        <source>Place and size of the window, as the window saved it.</source>
        <translation>Ort und Größe des Fensters, wie das Fenster sie gespeichert hat.</translation>
    </message>
    <message>
        <source>Port of the metrics.</source>
        <translation>Port der Messwerte.</translation>
    </message>
    <message>
        <source>Processor time of all programs over the last second; 100 % is all cores.</source>
        <translation>Rechenzeit aller Programme in der letzten Sekunde; 100 % sind alle Kerne.</translation>
    </message>
    <message>
        <source>Processor time of this program over the last second; 100 % is one core.</source>
        <translation>Rechenzeit dieses Programms in der letzten Sekunde; 100 % sind ein Kern.</translation>
    </message>
    <message>
        <source>Program with arguments to run when an alarm begins or ends; no shell.</source>
        <translation>Programm mit Argumenten, das bei Beginn und Ende eines Alarms läuft; keine Shell.</translation>
    </message>
    <message>
        <source>Radius of a lens out of focus, at 720 lines.</source>
        <translation>Radius einer unscharf gestellten Linse, bei 720 Zeilen.</translation>
    </message>
    <message>
        <source>Recipe by which the model is quantized.</source>
        <translation>Rezept, nach dem das Modell quantisiert wird.</translation>
    </message>
    <message>
        <source>Requests that the function takes at once; more are throttled.</source>
        <translation>Anfragen, die die Funktion zugleich annimmt; weitere werden gedrosselt.</translation>
    </message>
    <message>
        <source>Resolution</source>
        <translation>Auflösung</translation>
    </message>
    <message>
        <source>Right: {truth}, with {percent}.</source>
        <translation>Richtig: {truth}, mit {percent}.</translation>
    </message>
    <message>
        <source>Rockets on their pad were taught as missiles and projectiles: names follow the training pictures.</source>
        <translation>Raketen auf ihrer Rampe wurden als „missile“ und „projectile“ gelernt: Namen folgen den Trainingsbildern.</translation>
    </message>
    <message>
        <source>Rotation</source>
        <translation>Drehung</translation>
    </message>
    <message>
        <source>Round trip</source>
        <translation>Hin und zurück</translation>
    </message>
    <message>
        <source>Scissors</source>
        <translation>Eine Schere</translation>
    </message>
    <message>
        <source>Seconds without a picture after which the demo pictures stand in; 0: never.</source>
        <translation>Sekunden ohne Bild, nach denen die Demobilder einspringen; 0: nie.</translation>
    </message>
    <message>
        <source>Seconds without a request after which the function goes cold.</source>
        <translation>Sekunden ohne Anfrage, nach denen die Funktion kalt wird.</translation>
    </message>
    <message>
        <source>Seconds without motion before the camera after which the demo pictures are shown; 0: never.</source>
        <translation>Sekunden ohne Bewegung vor der Kamera, nach denen die Demobilder gezeigt werden; 0: nie.</translation>
    </message>
    <message>
        <source>Share of the captured frames of the last 10 s that were not shown, pauses left out.</source>
        <translation>Anteil der Bilder der letzten 10 s, die nicht gezeigt wurden, Pausen ausgenommen.</translation>
    </message>
    <message>
        <source>Short side of the uploaded picture; 0: the whole frame.</source>
        <translation>Kurze Seite des hochgeladenen Bildes; 0: das ganze Bild.</translation>
    </message>
    <message>
        <source>Show the chip&apos;s six steps, modelled, below the picture in Show.</source>
        <translation>Die sechs Schritte des Chips, modelliert, in der Schau unter dem Bild zeigen.</translation>
    </message>
    <message>
        <source>Simulated bandwidth from the cloud.</source>
        <translation>Simulierte Bandbreite aus der Cloud.</translation>
    </message>
    <message>
        <source>Simulated bandwidth to the cloud.</source>
        <translation>Simulierte Bandbreite zur Cloud.</translation>
    </message>
    <message>
        <source>Simulated loss: packets lost of a thousand.</source>
        <translation>Simulierter Verlust: verlorene Pakete von tausend.</translation>
    </message>
    <message>
        <source>Simulated round trip to the cloud.</source>
        <translation>Simulierter Umlauf zur Cloud.</translation>
    </message>
    <message>
        <source>Simulated wait on top of a real cold start.</source>
        <translation>Simulierte Wartezeit zusätzlich zum echten Kaltstart.</translation>
    </message>
    <message>
        <source>Size at which a recording ends by itself, in MB.</source>
        <translation>Größe, bei der eine Aufzeichnung von selbst endet, in MB.</translation>
    </message>
    <message>
        <source>Size that the history may reach, in MB; the oldest goes first.</source>
        <translation>Größe, die der Verlauf erreichen darf, in MB; das Älteste geht zuerst.</translation>
    </message>
    <message>
        <source>Source opened at start; empty: the first camera, or the demo pictures without one.</source>
        <translation>Quelle beim Start; leer: die erste Kamera, ohne Kamera die Demobilder.</translation>
    </message>
    <message>
        <source>Spread of the pixels around middle grey.</source>
        <translation>Streuung der Pixel um mittleres Grau.</translation>
    </message>
    <message>
        <source>Standard deviation of sensor noise, in grey levels.</source>
        <translation>Standardabweichung des Sensorrauschens, in Graustufen.</translation>
    </message>
    <message>
        <source>Tabby, tiger cat and Egyptian cat: close relatives share the probability.</source>
        <translation>„tabby“, „tiger cat“ und „Egyptian cat“: enge Verwandte teilen sich die Wahrscheinlichkeit.</translation>
    </message>
    <message>
        <source>Time from a frame&apos;s capture to the end of its painting; 95 % of the last 60 s were faster.</source>
        <translation>Zeit von der Aufnahme eines Bildes bis zum Ende des Zeichnens; 95 % der letzten 60 s waren schneller.</translation>
    </message>
    <message>
        <source>Time of the network itself on this machine; 95 % of the last 60 s were faster.</source>
        <translation>Zeit des Netzes selbst auf diesem Rechner; 95 % der letzten 60 s waren schneller.</translation>
    </message>
    <message>
        <source>Time that frames wait for the engine; 95 % of the last 60 s waited less.</source>
        <translation>Zeit, die Bilder auf das Rechenwerk warten; 95 % der letzten 60 s warteten kürzer.</translation>
    </message>
    <message>
        <source>Upload</source>
        <translation>Hochladen</translation>
    </message>
    <message>
        <source>Width and height of the camera, of what it really has.</source>
        <translation>Breite und Höhe der Kamera, von dem, was sie wirklich hat.</translation>
    </message>
    <message>
        <source>Wrong: it says {best} with {percent}.</source>
        <translation>Falsch: es sagt {best} mit {percent}.</translation>
    </message>
    <message>
        <source>agreement of float and 8 bit</source>
        <translation>Übereinstimmung von Gleitkomma und 8 Bit</translation>
    </message>
    <message>
        <source>answered nonsense</source>
        <translation>unsinnige Antwort</translation>
    </message>
    <message>
        <source>answering</source>
        <translation>antwortet</translation>
    </message>
    <message>
        <source>as given</source>
        <translation>wie gegeben</translation>
    </message>
    <message>
        <source>astronaut</source>
        <translation>Astronaut</translation>
    </message>
    <message>
        <source>bad</source>
        <translation>kritisch</translation>
    </message>
    <message>
        <source>below</source>
        <translation>unter</translation>
    </message>
    <message>
        <source>calibrating</source>
        <translation>kalibriert</translation>
    </message>
    <message>
        <source>camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>cheap camera</source>
        <translation>billige Kamera</translation>
    </message>
    <message>
        <source>check camera and cable</source>
        <translation>prüfen Sie Kamera und Kabel</translation>
    </message>
    <message>
        <source>check the light at the camera and the load of this computer</source>
        <translation>prüfen Sie das Licht an der Kamera und die Last dieses Rechners</translation>
    </message>
    <message>
        <source>clock</source>
        <translation>Takt</translation>
    </message>
    <message>
        <source>cola</source>
        <translation>Cola</translation>
    </message>
    <message>
        <source>cold start</source>
        <translation>Kaltstart</translation>
    </message>
    <message>
        <source>comparing</source>
        <translation>vergleicht</translation>
    </message>
    <message>
        <source>compiling</source>
        <translation>übersetzt</translation>
    </message>
    <message>
        <source>compiling the kernels</source>
        <translation>übersetzt die Kernel</translation>
    </message>
    <message>
        <source>compute</source>
        <translation>Rechnen</translation>
    </message>
    <message>
        <source>could not be decoded</source>
        <translation>nicht zu dekodieren</translation>
    </message>
    <message>
        <source>could not be processed</source>
        <translation>nicht zu verarbeiten</translation>
    </message>
    <message>
        <source>demo</source>
        <translation>Demo</translation>
    </message>
    <message>
        <source>dim hall</source>
        <translation>dunkle Halle</translation>
    </message>
    <message>
        <source>does not answer</source>
        <translation>antwortet nicht</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>dropped frames</source>
        <translation>verworfene Bilder</translation>
    </message>
    <message>
        <source>ended</source>
        <translation>zu Ende</translation>
    </message>
    <message>
        <source>engine gave no answer</source>
        <translation>Rechenwerk gab keine Antwort</translation>
    </message>
    <message>
        <source>engine restarting</source>
        <translation>Rechenwerk startet neu</translation>
    </message>
    <message>
        <source>engine stalled</source>
        <translation>Rechenwerk steht still</translation>
    </message>
    <message>
        <source>errors first</source>
        <translation>Fehler zuerst</translation>
    </message>
    <message>
        <source>exhibition Wi-Fi</source>
        <translation>Messe-WLAN</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>fibre</source>
        <translation>Glasfaser</translation>
    </message>
    <message>
        <source>frame age</source>
        <translation>Bildalter</translation>
    </message>
    <message>
        <source>frame age p95</source>
        <translation>Bildalter p95</translation>
    </message>
    <message>
        <source>frame rate</source>
        <translation>Bildrate</translation>
    </message>
    <message>
        <source>from</source>
        <translation>ab</translation>
    </message>
    <message>
        <source>function ended</source>
        <translation>Funktion beendet</translation>
    </message>
    <message>
        <source>good</source>
        <translation>gut</translation>
    </message>
    <message>
        <source>images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>info</source>
        <translation>Hinweis</translation>
    </message>
    <message>
        <source>latency p95</source>
        <translation>Latenz p95</translation>
    </message>
    <message>
        <source>least sure first</source>
        <translation>unsicherste zuerst</translation>
    </message>
    <message>
        <source>live</source>
        <translation>live</translation>
    </message>
    <message>
        <source>loading</source>
        <translation>lädt</translation>
    </message>
    <message>
        <source>loading float network</source>
        <translation>lädt das Gleitkomma-Netz</translation>
    </message>
    <message>
        <source>look at the frames that disagree</source>
        <translation>sehen Sie sich die Bilder an, die nicht übereinstimmen</translation>
    </message>
    <message>
        <source>look for the reason among the numbers</source>
        <translation>suchen Sie den Grund unter „Zahlen“</translation>
    </message>
    <message>
        <source>look for the slow stage in the latency plot</source>
        <translation>suchen Sie die langsame Stufe in „Latenz nach Stufen“</translation>
    </message>
    <message>
        <source>lost</source>
        <translation>verloren</translation>
    </message>
    <message>
        <source>measured</source>
        <translation>gemessen</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>modelled</source>
        <translation>modelliert</translation>
    </message>
    <message>
        <source>motion</source>
        <translation>Bewegung</translation>
    </message>
    <message>
        <source>names nothing: it has one output, so it tells no classes apart</source>
        <translation>benennt nichts: Es hat einen einzigen Ausgang, unterscheidet also keine Klassen</translation>
    </message>
    <message>
        <source>names nothing: its scores are NaN or infinite, as where it divides by zero</source>
        <translation>benennt nichts: Seine Werte sind NaN oder unendlich, wie bei einer Division durch null</translation>
    </message>
    <message>
        <source>network run p95</source>
        <translation>Netzlauf p95</translation>
    </message>
    <message>
        <source>newer frame arrived</source>
        <translation>neueres Bild kam</translation>
    </message>
    <message>
        <source>no answer in time</source>
        <translation>keine Antwort zur Zeit</translation>
    </message>
    <message>
        <source>no engine</source>
        <translation>kein Rechenwerk</translation>
    </message>
    <message>
        <source>no float network</source>
        <translation>kein Gleitkomma-Netz</translation>
    </message>
    <message>
        <source>no function</source>
        <translation>keine Funktion</translation>
    </message>
    <message>
        <source>no ground truth</source>
        <translation>Wahrheit unbekannt</translation>
    </message>
    <message>
        <source>no label</source>
        <translation>ohne Namen</translation>
    </message>
    <message>
        <source>no model</source>
        <translation>kein Modell</translation>
    </message>
    <message>
        <source>no network</source>
        <translation>kein Netz</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keines</translation>
    </message>
    <message>
        <source>not asked yet</source>
        <translation>noch nicht gefragt</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
    <message>
        <source>not modelled</source>
        <translation>nicht modelliert</translation>
    </message>
    <message>
        <source>overhead</source>
        <translation>Einrichten</translation>
    </message>
    <message>
        <source>paint</source>
        <translation>Zeichnen</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>picture age</source>
        <translation>Bildalter</translation>
    </message>
    <message>
        <source>postprocess</source>
        <translation>Nachbereitung</translation>
    </message>
    <message>
        <source>preprocess</source>
        <translation>Vorbereitung</translation>
    </message>
    <message>
        <source>quantizing</source>
        <translation>quantisiert</translation>
    </message>
    <message>
        <source>queue wait</source>
        <translation>Wartezeit</translation>
    </message>
    <message>
        <source>queue wait p95</source>
        <translation>Wartezeit p95</translation>
    </message>
    <message>
        <source>reading the model</source>
        <translation>liest das Modell</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>bereit</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>abgelehnt</translation>
    </message>
    <message>
        <source>replaced before painting</source>
        <translation>vor dem Zeichnen ersetzt</translation>
    </message>
    <message>
        <source>request too large</source>
        <translation>Anfrage zu groß</translation>
    </message>
    <message>
        <source>retrying</source>
        <translation>neuer Versuch</translation>
    </message>
    <message>
        <source>right</source>
        <translation>richtig</translation>
    </message>
    <message>
        <source>run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>satellite</source>
        <translation>Satellit</translation>
    </message>
    <message>
        <source>scissors</source>
        <translation>Schere</translation>
    </message>
    <message>
        <source>share of dropped frames</source>
        <translation>Anteil verworfener Bilder</translation>
    </message>
    <message>
        <source>shown frames</source>
        <translation>gezeigte Bilder</translation>
    </message>
    <message>
        <source>source was closed</source>
        <translation>Quelle wurde geschlossen</translation>
    </message>
    <message>
        <source>stalled</source>
        <translation>steht still</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>startet</translation>
    </message>
    <message>
        <source>stream</source>
        <translation>Strom</translation>
    </message>
    <message>
        <source>surest first</source>
        <translation>sicherste zuerst</translation>
    </message>
    <message>
        <source>synthetic</source>
        <translation>künstlich</translation>
    </message>
    <message>
        <source>temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>this program&apos;s CPU</source>
        <translation>CPU dieses Programms</translation>
    </message>
    <message>
        <source>throttled</source>
        <translation>gedrosselt</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>video</source>
        <translation>Video</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>whole machine&apos;s CPU</source>
        <translation>CPU des Rechners</translation>
    </message>
    <message>
        <source>writing the artifact</source>
        <translation>schreibt das Artefakt</translation>
    </message>
    <message>
        <source>wrong</source>
        <translation>falsch</translation>
    </message>
    <message>
        <source>{Best} and {truth} look alike: {percent} against {truth_percent}.</source>
        <translation>{Best} und {truth} sehen sich ähnlich: {percent} gegen {truth_percent}.</translation>
    </message>
    <message>
        <source>{Truth} is its number {place}.</source>
        <translation>{Truth} ist seine Nummer {place}.</translation>
    </message>
    <message>
        <source>{Truth}: not among its {classes} classes. It names what looks most alike: {best}.</source>
        <translation>{Truth}: nicht unter seinen {classes} Klassen. Es nennt, was am ähnlichsten aussieht: {best}.</translation>
    </message>
    <message>
        <source>{model}: an artifact folder says itself how pictures are prepared and classes called; --mean, --scale, --size, --resize, --layout, --labels and --random-weights are for model files</source>
        <translation>{model}: ein Artefaktordner sagt selbst, wie Bilder vorbereitet werden und Klassen heißen; --mean, --scale, --size, --resize, --layout, --labels und --random-weights gelten für Modelldateien</translation>
    </message>
    <message>
        <source>{model}: is compiled for {name} {found}, not {wanted}; choose {found}, or compile the model file again</source>
        <translation>{model}: ist für {name} {found} übersetzt, nicht {wanted}; wählen Sie {found}, oder übersetzen Sie die Modelldatei neu</translation>
    </message>
    <message>
        <source>▲ warning {border} {warn:g} {unit}, ■ bad {border} {bad:g} {unit}</source>
        <translation>▲ Warnung {border} {warn:g} {unit}, ■ kritisch {border} {bad:g} {unit}</translation>
    </message>
</context>
<context>
    <name>_Card</name>
    <message>
        <source>shows: {truth}</source>
        <translation>zeigt: {truth}</translation>
    </message>
</context>
<context>
    <name>_Legend</name>
    <message>
        <source>as compiled</source>
        <translation>übersetzt</translation>
    </message>
    <message>
        <source>kernel</source>
        <translation>Kernel</translation>
    </message>
    <message>
        <source>set-up</source>
        <translation>Einrichten</translation>
    </message>
    <message>
        <source>waiting for DMA</source>
        <translation>DMA-Warten</translation>
    </message>
</context>
</TS>
