// The words Streamlit and its widgets write by themselves, in French. Exact matches only: a page's own text is left alone.
;(() => {
  "use strict"
  const WORDS = new Map(Object.entries({
    "Select...": "Choisir…",
    "Choose an option": "Choisir",
    "Choose options": "Choisir",
    "Select all": "Tout choisir",
    "Select all matches": "Choisir tous les résultats",
    "Deselect all": "Tout retirer",
    "Clear all": "Tout effacer",
    "Clear value": "Effacer",
    "Clear": "Effacer",
    "Remove": "Retirer",
    "Selected values": "Valeurs choisies",
    "open": "ouvrir",
    "Open": "Ouvrir",
    "No results": "Aucun résultat",
    "No results found": "Aucun résultat",
    "No options to select": "Aucun choix possible",
    "Press Enter to apply": "Entrée pour appliquer",
    "Running...": "Calcul en cours…",
    "Running": "Calcul en cours",
    "Stop": "Arrêter",
    "Connecting": "Connexion",
    "CONNECTING": "CONNEXION",
    "Connection error": "Connexion perdue",
    "Connection lost": "Connexion perdue",
    "Close": "Fermer",
    "Dismiss": "Fermer",
    "Fullscreen": "Plein écran",
    "View fullscreen": "Plein écran",
    "Close fullscreen": "Quitter le plein écran",
    "Show data": "Voir les données",
    "Open sidebar": "Ouvrir le menu",
    "Close sidebar": "Fermer le menu",
    "Expand sidebar": "Ouvrir le menu",
    "Collapse sidebar": "Fermer le menu",
    "Main menu": "Menu",
    "Main content": "Contenu",
    "Sidebar": "Menu",
    "Navigation": "Navigation",
    "Print": "Imprimer",
    "Rerun": "Recalculer",
    "Settings": "Réglages",
    "Clear cache": "Vider le cache",
    "Record screen": "Enregistrer l'écran",
    "About": "À propos",
    "Appearance": "Apparence",
    "Page not found": "Page introuvable",
    "Page loading": "Page en cours de chargement",
    "Link to heading": "Lien vers ce titre",
    "View more": "Voir plus",
    "View less": "Voir moins",
    "Skip to main content": "Aller au contenu",
    "Skip to content": "Aller au contenu",
    "Copy to clipboard": "Copier",
    "Loading...": "Chargement…",
    "Help": "Aide",
    "Vega visualization": "Graphique",
    "Press Enter to submit": "Entrée pour envoyer",
    "Press Enter to submit form": "Entrée pour envoyer",
    "Search": "Chercher",
    "Cancel": "Annuler",
    "Try again": "Réessayer",
    "No content": "Vide",
    "No data": "Aucune donnée",
    "Unknown error": "Erreur inconnue",
    "Network Error": "Erreur du réseau",
    "Download failed": "Le téléchargement a échoué",
    "Connection timed out.": "Le serveur n'a pas répondu à temps.",
    "Script execution error": "Erreur dans la page",
    "Streamlit server is not responding. Are you connected to the internet?":
      "Le serveur des tableaux de bord ne répond pas. Est-il toujours en marche ?",
  }))
  const NAMES = ["aria-label", "title", "placeholder", "aria-roledescription"]
  const PATTERNS = [
    [/^Remove (.+)$/, "Retirer $1"],
    [/^Selected (.+)\. (.+)$/, "$2 : $1 choisi"],
    [/^Fullscreen: (.+)$/s, "Plein écran : $1"],
    [/^Show data: (.+)$/s, "Voir les données : $1"],
    [/^Download as PNG: (.+)$/s, "Télécharger l'image : $1"],
    [/^Help for (.+)$/, "Aide : $1"],
    [/^Press .*Enter.* to apply$/, "Entrée pour appliquer"],
    [/^The page that you have requested does not seem to exist.*$/s, "La page demandée n'existe pas : voici la vue d'ensemble."],
    [/^You can only select up to (\d+) .*$/s, "Au plus $1 choix : retirez-en un d'abord."],
    [/^This app has encountered an error\..*$/s,
      "Cette page n'a pas pu être faite. Le détail est dans le journal du serveur : prévenez l'équipe du programme."],
    [/^Is Streamlit still running\?.*$/, "Le serveur des tableaux de bord est-il toujours en marche ?"],
  ]
  function french(text) {
    const bare = text.trim()
    if (!bare) return null
    if (WORDS.has(bare)) return text.replace(bare, WORDS.get(bare))
    for (const [pattern, words] of PATTERNS) if (pattern.test(bare)) return bare.replace(pattern, words)
    return null
  }
  function translate(node) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.parentElement && /^(SCRIPT|STYLE)$/.test(node.parentElement.tagName)) return
      const words = french(node.data)
      if (words !== null && words !== node.data) node.data = words
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      // The menu of the pages is drawn in Streamlit's side bar, which names no landmark.
      if (node.dataset.testid === "stSidebar") node.setAttribute("role", "navigation")
      for (const name of NAMES) {
        const value = node.getAttribute(name)
        const words = value && french(value)
        if (words && words !== value) node.setAttribute(name, words)
      }
      for (const child of node.childNodes) translate(child)
    }
  }
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(translate)
      else translate(change.type === "attributes" ? change.target : change.target)
    }
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: NAMES })
  document.addEventListener("DOMContentLoaded", () => translate(document.body))
})()
